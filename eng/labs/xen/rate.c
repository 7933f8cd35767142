// How many events a second a program in C answers: `rate DOMAIN FRAME` prints the number. Each write to the frame is an event, answered
// with one instruction in the default view; what Vmi.Xen.Lab answers as fast is compared with it, in the same run.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>

#define __XEN_TOOLS__ 1
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xen/vm_event.h>

enum { Warm = 50, Counted = 1000, PatienceMilliseconds = 20000 };

#define MUST(what) do { if ((what) < 0) { fprintf(stderr, "rate: %s: %s\n", #what, strerror(errno)); exit(1); } } while (0)

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void answer(vm_event_back_ring_t *ring, uint16_t view)
{
    vm_event_request_t request;
    memcpy(&request, RING_GET_REQUEST(ring, ring->req_cons), sizeof request);
    ring->req_cons++;
    ring->sring->req_event = ring->req_cons + 1;

    vm_event_response_t response = { .version = VM_EVENT_INTERFACE_VERSION, .vcpu_id = request.vcpu_id, .reason = request.reason };
    response.flags = (request.flags & VM_EVENT_FLAG_VCPU_PAUSED) | VM_EVENT_FLAG_ALTERNATE_P2M | VM_EVENT_FLAG_FAST_SINGLESTEP;
    response.altp2m_idx = 0;
    response.u.fast_singlestep.p2midx = view;
    memcpy(RING_GET_RESPONSE(ring, ring->rsp_prod_pvt), &response, sizeof response);
    ring->rsp_prod_pvt++;
    RING_PUSH_RESPONSES(ring);
}

int main(int count, char *arguments[])
{
    if (count != 3)
        return 2;
    uint32_t domain = strtoul(arguments[1], NULL, 0), remote;
    xen_pfn_t frame = strtoul(arguments[2], NULL, 0);
    uint16_t view;

    xc_interface *xen = xc_interface_open(NULL, NULL, 0);
    xenevtchn_handle *events = xenevtchn_open(NULL, 0);
    MUST(xen && events ? 0 : -1);
    void *page = xc_monitor_enable(xen, domain, &remote);
    MUST(page ? 0 : -1);
    vm_event_back_ring_t ring;
    SHARED_RING_INIT((vm_event_sring_t *)page);
    BACK_RING_INIT(&ring, (vm_event_sring_t *)page, XC_PAGE_SIZE);
    int port = xenevtchn_bind_interdomain(events, domain, remote);
    MUST(port);

    MUST(xc_monitor_singlestep(xen, domain, true));
    MUST(xc_altp2m_set_domain_state(xen, domain, true));
    MUST(xc_altp2m_create_view(xen, domain, XENMEM_access_rwx, &view));
    MUST(xc_altp2m_set_mem_access(xen, domain, view, frame, XENMEM_access_rx));
    MUST(xc_altp2m_switch_to_view(xen, domain, view));

    double begin = 0;
    int seen = 0;
    while (seen < Warm + Counted) {
        struct pollfd bell = { .fd = xenevtchn_fd(events), .events = POLLIN };
        if (poll(&bell, 1, PatienceMilliseconds) <= 0)
            break;
        int rung = xenevtchn_pending(events);
        if (rung >= 0)
            xenevtchn_unmask(events, rung);
        while (RING_HAS_UNCONSUMED_REQUESTS(&ring)) {
            answer(&ring, view);
            xenevtchn_notify(events, port);
            if (++seen == Warm)
                begin = now();
        }
    }
    double taken = now() - begin;

    // One may have come in meanwhile, and its step must be over before the view goes.
    MUST(xc_altp2m_switch_to_view(xen, domain, 0));
    for (int quiet = 0; quiet < 10; quiet++) {
        while (RING_HAS_UNCONSUMED_REQUESTS(&ring)) {
            answer(&ring, 0);
            xenevtchn_notify(events, port);
        }
        poll(NULL, 0, 5);
    }
    MUST(xc_altp2m_switch_to_view(xen, domain, 0));
    MUST(xc_altp2m_destroy_view(xen, domain, view));
    MUST(xc_altp2m_set_domain_state(xen, domain, false));
    MUST(xc_monitor_singlestep(xen, domain, false));
    munmap(page, XC_PAGE_SIZE);
    MUST(xc_monitor_disable(xen, domain));
    xenevtchn_close(events);
    xc_interface_close(xen);
    if (seen < Warm + Counted) {
        fprintf(stderr, "rate: %d events in all\n", seen);
        return 1;
    }
    printf("%.0f\n", Counted / taken);
    return 0;
}
