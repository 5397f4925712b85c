#include "board.h"
#include "image.h"
#include "interrupts.h"
#include "kernel.h"
#include "memory.h"
#include "version.h"

extern uint32_t data_start[], data_end[], bss_start[], bss_end[], stack_top[];
extern const uint32_t data_source[];

// Whoever looks at a dump of the flash can read what it is.
__attribute__((section(".image_head"), used)) static const char image_head[] =
    "Kintsugi " MODEL " software " VERSION_TEXT "\n";

// The build script fills in length and CRC once it knows them.
__attribute__((section(".descriptor"), used)) const struct descriptor descriptor = {
    .magic = DESCRIPTOR_MAGIC,
    .format = DESCRIPTOR_FORMAT,
    .agent_level = AGENT_LEVEL,
    .model = MODEL,
    .name = "kintsugi-" MODEL,
    .major = VERSION_MAJOR,
    .minor = VERSION_MINOR,
    .revision = VERSION_REVISION,
    .length = 0xFFFFFFFF,
    .crc = 0xFFFFFFFF,
    .unused = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
};
_Static_assert(sizeof(struct descriptor) == 64, "the descriptor has 64 bytes");

__attribute__((noreturn)) void reset_handler(void) {
  memory_copy(data_start, data_source, (uint32_t)data_end - (uint32_t)data_start);
  memory_fill(bss_start, 0, (uint32_t)bss_end - (uint32_t)bss_start);
  kernel_main();
}

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const vector vectors[16 + 32] = {
    [0] = (vector)stack_top,
    [1] = (vector)reset_handler,
    [2] = fault_handler,
    [3] = fault_handler,
    [11] = fault_handler,
    [14] = fault_handler,
    [15] = fault_handler,
    [16 + 0] = timer_handler,
    [16 + 1 ... 16 + 12] = fault_handler,
    [16 + 13] = pins_handler,
    [16 + 14 ... 16 + 19] = fault_handler,
    [16 + 20] = uart_handler,
    [16 + 21 ... 16 + 31] = fault_handler,
};
