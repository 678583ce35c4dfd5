/* What the two stand-in libraries share: the objects counted, the stream's queue, and the world's file. */
#include <stddef.h>

#define LIBRARY __attribute__((visibility("default")))

/* Live objects are counted by kind; standin_live() sums them. */
typedef enum {
    MEMORY, HOST_MEMORY, STREAM, EVENT, GRAPH, GRAPH_EXEC, CONTEXT, HANDLE, TENSOR, FILTER, CONVOLUTION, ACTIVATION,
    POOLING, OP_TENSOR, REDUCE_TENSOR, KINDS
} standin_kind;

void standin_count(standin_kind kind, int change);

/* Whether all of [pointer, pointer + bytes) lies in one live allocation of device memory. */
int standin_holds(const void *pointer, size_t bytes);

/* Runs or captures run(args) on a stream, for which the device takes so many seconds. A CUresult. */
int standin_enqueue(void *stream, double seconds, void (*run)(void *), const void *args, size_t size);

/* The number on the world's line "key"; the default where there is no such line. */
double standin_number(const char *key, double otherwise);

/* Whether this is the call that the line "fault.NAME N" counts down to; from then on true, when sticky. */
int standin_fault(const char *name, int sticky);
