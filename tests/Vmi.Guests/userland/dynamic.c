// A process that is linked dynamically, so that its memory map names shared libraries.
#include <unistd.h>

int main(void)
{
    if (write(3, "ready\n", 6) != 6)
        return 1;
    close(3);
    for (;;)
        pause();
}
