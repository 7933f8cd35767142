// The modes of the zoo: each is a process that shows one thing worth seeing from outside.
#pragma once

// Each sets itself up, reports what init is to know, says that it is ready and never returns.
_Noreturn void zoo_mappings(void);
_Noreturn void zoo_secrets(void);
_Noreturn void zoo_forger(const char *how);
_Noreturn void zoo_busy(void);
_Noreturn void zoo_files(void);
_Noreturn void zoo_sockets(void);
_Noreturn void zoo_holder(void);
_Noreturn void zoo_exercise(void);
