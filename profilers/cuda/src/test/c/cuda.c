/*
 * A stand-in for NVIDIA's driver library, for machines without a GPU: it tests our calls, not the driver.
 *
 * Device memory is the host's. What is enqueued runs at once, or when its graph is launched; time is virtual: each call
 * takes the host "call_seconds", each piece of work occupies its stream for the seconds that it says, and an event knows
 * when its stream reaches it. A stream that waits for a value stays behind it until the host has written the value.
 *
 * The world is the file beside the library whose name ends in ".txt" after the library's own, read at loading and by
 * standin_reload(): lines "key number". Keys, with defaults in cuda.c and cudnn.c:
 *
 *   devices, memory_bytes, l2_bytes, driver_version, cudnn_version
 *   call_seconds             of a call on the host
 *   launch_seconds           of the device between two launches outside a graph
 *   node_seconds             of the device between two launches of a graph
 *   bytes_per_second, macs_per_second, tile_c, tile_k, cliff_k, cliff_factor      see cudnn.c
 *   no_arithmetic            cuDNN's work takes its virtual time and computes nothing
 *   arithmetic_elements N    so does work on a tensor of more than N elements
 *   noise                    relative spread of the times of convolutions
 *   no_wait_value            streams cannot wait for a value
 *   fault.NAME N             the N-th chance for the fault is taken: out_of_memory, launch_failed and device_lost (both
 *                            for ever), capture, graph; not_supported NUMBER refuses the algorithm of that number
 *   refused_k K              convolutions with K outputs have no algorithm
 *   hang_at_exit             the process does not end when it should
 */
#define _GNU_SOURCE
#include "standin.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101,
    INVALID_CONTEXT = 201, INVALID_HANDLE = 400, NOT_READY = 600, LAUNCH_FAILED = 719, NOT_SUPPORTED = 801,
    CAPTURE_INVALIDATED = 901, WOULD_HANG = 909, UNKNOWN = 999
};

#define MOST_KEYS 64
/* Behind this many pieces of work a real stream makes its host wait. */
#define QUEUE 1000

typedef struct { char name[64]; double number; int count; } entry;
typedef struct node { struct node *next; void (*run)(void *); double seconds; size_t size; char args[]; } node;
typedef struct { node *first, **end; } graph;
typedef struct event { double time; struct stream *pending; /* in whose queue it waits */ } event;
typedef struct { double seconds; event *event; } queued;
typedef struct stream {
    double ready;
    volatile uint32_t *flag; /* waited for; null when nothing is */
    uint32_t value;
    queued queue[QUEUE];
    int length;
    graph *capture;
} stream;
typedef struct block { struct block *next; char *start; size_t bytes; } block;

static entry world[MOST_KEYS];
static int keys, initialized, sticky;
static int live[KINDS];
static double now;
static double enqueued, last_ready; /* seconds of work given to streams, and when the latest of it ends */
static block *blocks;
static size_t used;
static __thread void *current;

LIBRARY int standin_live(void) {
    int sum = 0;
    for (int i = 0; i < KINDS; i++) sum += live[i];
    return sum;
}

LIBRARY int standin_live_of(int kind) { return live[kind]; }

/* The host's virtual time in nanoseconds, and so many more. */
LIBRARY long long standin_nanoseconds(long long more) {
    now += 1e-9 * (double)more;
    return (long long)(1e9 * now);
}

/* For how many seconds the GPU has worked up to now: what is not yet due lies without a gap behind now. */
LIBRARY double standin_worked(void) { return enqueued - (last_ready > now ? last_ready - now : 0); }

LIBRARY void standin_count(standin_kind kind, int change) { live[kind] += change; }

/* Reads the world anew, mends what was broken and forgets what was counted down. */
LIBRARY void standin_reload(void) {
    Dl_info self;
    char path[4096];
    keys = 0;
    sticky = 0;
    if (!dladdr((void *)standin_reload, &self)) return;
    snprintf(path, sizeof path, "%s.txt", self.dli_fname);
    FILE *file = fopen(path, "r");
    if (!file) return;
    while (keys < MOST_KEYS && fscanf(file, "%63s %lf", world[keys].name, &world[keys].number) == 2) {
        world[keys++].count = 0;
    }
    fclose(file);
}

__attribute__((constructor)) static void read_world(void) { standin_reload(); }

static entry *find(const char *key) {
    for (int i = 0; i < keys; i++) {
        if (!strcmp(world[i].name, key)) return &world[i];
    }
    return NULL;
}

LIBRARY double standin_number(const char *key, double otherwise) {
    entry *found = find(key);
    return found ? found->number : otherwise;
}

__attribute__((destructor)) static void leave(void) {
    while (standin_number("hang_at_exit", 0) != 0) pause();
}

LIBRARY int standin_fault(const char *name, int forever) {
    char key[64];
    snprintf(key, sizeof key, "fault.%s", name);
    entry *found = find(key);
    if (!found) return 0;
    found->count++;
    return forever ? found->count >= found->number : found->count == found->number;
}

LIBRARY int standin_holds(const void *pointer, size_t bytes) {
    for (block *b = blocks; b; b = b->next) {
        if ((char *)pointer >= b->start && (char *)pointer + bytes <= b->start + b->bytes) return 1;
    }
    return 0;
}

/* The host's time passes with each call; a lost device answers nothing any more. */
static int call(void) {
    now += standin_number("call_seconds", 1e-6);
    if (!initialized) return NOT_INITIALIZED;
    if (standin_fault("device_lost", 1)) sticky = UNKNOWN;
    return sticky;
}

#define CALL                          \
    do {                              \
        int failed = call();          \
        if (failed) return failed;    \
    } while (0)

LIBRARY int cuInit(unsigned flags) {
    (void)flags;
    if (standin_number("devices", 1) < 1) return NO_DEVICE;
    initialized = 1;
    return SUCCESS;
}

LIBRARY int cuDriverGetVersion(int *version) {
    *version = (int)standin_number("driver_version", 12060);
    return SUCCESS;
}

static const char *name(int error) {
    switch (error) {
        case SUCCESS: return "CUDA_SUCCESS";
        case INVALID_VALUE: return "CUDA_ERROR_INVALID_VALUE";
        case OUT_OF_MEMORY: return "CUDA_ERROR_OUT_OF_MEMORY";
        case NO_DEVICE: return "CUDA_ERROR_NO_DEVICE";
        case INVALID_DEVICE: return "CUDA_ERROR_INVALID_DEVICE";
        case INVALID_CONTEXT: return "CUDA_ERROR_INVALID_CONTEXT";
        case NOT_READY: return "CUDA_ERROR_NOT_READY";
        case LAUNCH_FAILED: return "CUDA_ERROR_LAUNCH_FAILED";
        case NOT_SUPPORTED: return "CUDA_ERROR_NOT_SUPPORTED";
        case CAPTURE_INVALIDATED: return "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED";
        case WOULD_HANG: return "CUDA_ERROR_TIMEOUT";
        case UNKNOWN: return "CUDA_ERROR_UNKNOWN";
        default: return NULL;
    }
}

LIBRARY int cuGetErrorName(int error, const char **text) {
    *text = name(error);
    return *text ? SUCCESS : INVALID_VALUE;
}

LIBRARY int cuGetErrorString(int error, const char **text) { return cuGetErrorName(error, text); }

LIBRARY int cuDeviceGetCount(int *count) {
    CALL;
    *count = (int)standin_number("devices", 1);
    return SUCCESS;
}

LIBRARY int cuDeviceGet(int *device, int ordinal) {
    CALL;
    if (ordinal < 0 || ordinal >= standin_number("devices", 1)) return INVALID_DEVICE;
    *device = ordinal;
    return SUCCESS;
}

LIBRARY int cuDeviceGetName(char *text, int length, int device) {
    CALL;
    (void)device;
    snprintf(text, (size_t)length, "STAND-IN");
    return SUCCESS;
}

LIBRARY int cuDeviceGetUuid(char *uuid, int device) {
    CALL;
    for (int i = 0; i < 16; i++) uuid[i] = (char)(16 * (device + 10) + i);
    return SUCCESS;
}

LIBRARY int cuDeviceGetPCIBusId(char *text, int length, int device) {
    CALL;
    snprintf(text, (size_t)length, "0000:%02X:00.0", 0xCA - 0x11 * device);
    return SUCCESS;
}

LIBRARY int cuDeviceTotalMem_v2(size_t *bytes, int device) {
    CALL;
    (void)device;
    *bytes = (size_t)standin_number("memory_bytes", 4e9);
    return SUCCESS;
}

LIBRARY int cuDeviceGetAttribute(int *value, int attribute, int device) {
    CALL;
    (void)device;
    switch (attribute) {
        case 16: *value = 8; return SUCCESS;                                           /* multiprocessors */
        case 38: *value = (int)standin_number("l2_bytes", 65536); return SUCCESS;
        case 75: *value = 9; return SUCCESS;                                           /* compute capability */
        case 76: *value = 0; return SUCCESS;
        default: return INVALID_VALUE;
    }
}

LIBRARY int cuDevicePrimaryCtxRetain(void **context, int device) {
    CALL;
    (void)device;
    static int primary;
    *context = &primary;
    live[CONTEXT]++;
    return SUCCESS;
}

LIBRARY int cuDevicePrimaryCtxRelease_v2(int device) {
    (void)device;
    live[CONTEXT]--;
    return call();
}

LIBRARY int cuCtxSetCurrent(void *context) {
    current = context;
    return call();
}

LIBRARY int cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
    CALL;
    *total = (size_t)standin_number("memory_bytes", 4e9);
    *free_bytes = *total - used;
    return SUCCESS;
}

LIBRARY int cuMemAlloc_v2(void **pointer, size_t bytes) {
    CALL;
    if (!current) return INVALID_CONTEXT;
    if (bytes == 0) return INVALID_VALUE;
    if (standin_fault("out_of_memory", 0) || used + bytes > standin_number("memory_bytes", 4e9)) return OUT_OF_MEMORY;
    block *b = malloc(sizeof *b);
    *b = (block){blocks, malloc(bytes), bytes};
    memset(b->start, 0xC1, bytes < 1 << 20 ? bytes : 1 << 20); /* who reads what was never written shall notice */
    blocks = b;
    used += bytes;
    live[MEMORY]++;
    *pointer = b->start;
    return SUCCESS;
}

LIBRARY int cuMemFree_v2(void *pointer) {
    for (block **b = &blocks; *b; b = &(*b)->next) {
        if ((*b)->start == pointer) {
            block *gone = *b;
            *b = gone->next;
            used -= gone->bytes;
            live[MEMORY]--;
            free(gone->start);
            free(gone);
            return call();
        }
    }
    return INVALID_VALUE;
}

LIBRARY int cuMemHostAlloc(void **pointer, size_t bytes, unsigned flags) {
    CALL;
    (void)flags;
    *pointer = calloc(1, bytes);
    live[HOST_MEMORY]++;
    return SUCCESS;
}

LIBRARY int cuMemFreeHost(void *pointer) {
    free(pointer);
    live[HOST_MEMORY]--;
    return call();
}

LIBRARY int cuMemHostGetDevicePointer_v2(void **device, void *host, unsigned flags) {
    CALL;
    (void)flags;
    *device = host;
    return SUCCESS;
}

static int copy(void *to, const void *from, size_t bytes, int to_device, int from_device) {
    CALL;
    if ((to_device && !standin_holds(to, bytes)) || (from_device && !standin_holds(from, bytes))) return INVALID_VALUE;
    memcpy(to, from, bytes);
    return SUCCESS;
}

LIBRARY int cuMemcpyHtoD_v2(void *to, const void *from, size_t bytes) { return copy(to, from, bytes, 1, 0); }

LIBRARY int cuMemcpyDtoH_v2(void *to, const void *from, size_t bytes) { return copy(to, from, bytes, 0, 1); }

LIBRARY int cuMemcpyDtoD_v2(void *to, const void *from, size_t bytes) { return copy(to, from, bytes, 1, 1); }

LIBRARY int cuCtxSynchronize(void) { return call(); }

LIBRARY int cuStreamCreate(stream **made, unsigned flags) {
    CALL;
    (void)flags;
    if (!current) return INVALID_CONTEXT;
    *made = calloc(1, sizeof **made);
    live[STREAM]++;
    return SUCCESS;
}

LIBRARY int cuStreamDestroy_v2(stream *s) {
    free(s);
    live[STREAM]--;
    return call();
}

/* Lets the queue behind a value go on, if the host has written it. */
static void poll(stream *s) {
    if (!s->flag || *s->flag < s->value) return;
    double time = s->ready > now ? s->ready : now;
    for (int i = 0; i < s->length; i++) {
        time += s->queue[i].seconds;
        enqueued += s->queue[i].seconds;
        if (s->queue[i].event) {
            s->queue[i].event->time = time;
            s->queue[i].event->pending = NULL;
        }
    }
    s->ready = last_ready = time;
    s->length = 0;
    s->flag = NULL;
}

static int occupy(stream *s, double seconds, event *e) {
    poll(s);
    if (s->flag) {
        if (s->length == QUEUE) return WOULD_HANG;
        s->queue[s->length++] = (queued){seconds, e};
        if (e) e->pending = s;
        return SUCCESS;
    }
    if (s->ready < now) s->ready = now;
    s->ready += seconds;
    enqueued += seconds;
    last_ready = s->ready;
    if (e) *e = (event){s->ready, NULL};
    return SUCCESS;
}

LIBRARY int standin_enqueue(void *on, double seconds, void (*run)(void *), const void *args, size_t size) {
    CALL;
    stream *s = on;
    if (!s) return INVALID_HANDLE; /* nothing of ours uses the default stream */
    if (standin_fault("launch_failed", 1)) return sticky = LAUNCH_FAILED;
    if (s->capture) {
        node *n = malloc(sizeof *n + size);
        *n = (node){NULL, run, seconds + standin_number("node_seconds", 1e-6), size};
        memcpy(n->args, args, size);
        *s->capture->end = n;
        s->capture->end = &n->next;
        return SUCCESS;
    }
    char own[size];
    memcpy(own, args, size);
    run(own);
    return occupy(s, seconds + standin_number("launch_seconds", 2e-6), NULL);
}

typedef struct { void *to; const void *from; size_t bytes; } copy_args;

static void run_copy(void *args) {
    copy_args *c = args;
    memcpy(c->to, c->from, c->bytes);
}

LIBRARY int cuMemcpyDtoDAsync_v2(void *to, const void *from, size_t bytes, stream *s) {
    if (!standin_holds(to, bytes) || !standin_holds(from, bytes)) return INVALID_VALUE;
    copy_args args = {to, from, bytes};
    return standin_enqueue(s, 2.0 * (double)bytes / standin_number("bytes_per_second", 1e9), run_copy, &args, sizeof args);
}

typedef struct { void *to; size_t bytes; unsigned char value; } fill_args;

static void run_fill(void *args) {
    fill_args *f = args;
    memset(f->to, f->value, f->bytes);
}

LIBRARY int cuMemsetD8Async(void *to, unsigned char value, size_t bytes, stream *s) {
    if (!standin_holds(to, bytes)) return INVALID_VALUE;
    fill_args args = {to, bytes, value};
    return standin_enqueue(s, (double)bytes / standin_number("bytes_per_second", 1e9), run_fill, &args, sizeof args);
}

LIBRARY int cuStreamWaitValue32_v2(stream *s, uint32_t *address, uint32_t value, unsigned flags) {
    CALL;
    (void)flags; /* greater or equal, as unsigned numbers that do not wrap */
    if (standin_number("no_wait_value", 0) != 0) return NOT_SUPPORTED;
    poll(s);
    if (s->flag) return NOT_SUPPORTED;
    s->flag = address;
    s->value = value;
    poll(s);
    return SUCCESS;
}

LIBRARY int cuStreamSynchronize(stream *s) {
    CALL;
    poll(s);
    if (s->flag) return WOULD_HANG;
    if (now < s->ready) now = s->ready;
    return SUCCESS;
}

LIBRARY int cuStreamBeginCapture_v2(stream *s, int mode) {
    CALL;
    (void)mode;
    if (s->capture) return INVALID_VALUE;
    s->capture = calloc(1, sizeof *s->capture);
    s->capture->end = &s->capture->first;
    live[GRAPH]++;
    return SUCCESS;
}

LIBRARY int cuGraphDestroy(graph *g) {
    while (g->first) {
        node *gone = g->first;
        g->first = gone->next;
        free(gone);
    }
    free(g);
    live[GRAPH]--;
    return call();
}

LIBRARY int cuStreamEndCapture(stream *s, graph **made) {
    *made = s->capture;
    s->capture = NULL;
    int failed = call();
    if (!failed && standin_fault("capture", 0)) failed = CAPTURE_INVALIDATED;
    if (failed && *made) {
        cuGraphDestroy(*made);
        *made = NULL;
    }
    return failed;
}

/* An executable graph is a copy of the graph. */
LIBRARY int cuGraphInstantiateWithFlags(graph **made, graph *from, unsigned long long flags) {
    CALL;
    (void)flags;
    if (standin_fault("graph", 0)) return OUT_OF_MEMORY;
    graph *g = calloc(1, sizeof *g);
    g->end = &g->first;
    for (node *n = from->first; n; n = n->next) {
        node *own = malloc(sizeof *n + n->size);
        memcpy(own, n, sizeof *n + n->size);
        own->next = NULL;
        *g->end = own;
        g->end = &own->next;
    }
    live[GRAPH_EXEC]++;
    *made = g;
    return SUCCESS;
}

LIBRARY int cuGraphExecDestroy(graph *g) {
    live[GRAPH]++; /* which destroying counts down */
    live[GRAPH_EXEC]--;
    return cuGraphDestroy(g);
}

LIBRARY int cuGraphLaunch(graph *g, stream *s) {
    CALL;
    if (standin_fault("launch_failed", 1)) return sticky = LAUNCH_FAILED;
    double seconds = standin_number("launch_seconds", 2e-6);
    for (node *n = g->first; n; n = n->next) {
        n->run(n->args);
        seconds += n->seconds;
    }
    return occupy(s, seconds, NULL);
}

LIBRARY int cuEventCreate(event **made, unsigned flags) {
    CALL;
    (void)flags;
    *made = calloc(1, sizeof **made);
    live[EVENT]++;
    return SUCCESS;
}

LIBRARY int cuEventDestroy_v2(event *e) {
    if (!e->pending) free(e); /* else its stream still writes into it */
    live[EVENT]--;
    return call();
}

LIBRARY int cuEventRecord(event *e, stream *s) {
    CALL;
    return occupy(s, 0, e);
}

LIBRARY int cuEventQuery(event *e) {
    CALL;
    if (e->pending) poll(e->pending);
    return e->pending || e->time > now ? NOT_READY : SUCCESS;
}

LIBRARY int cuEventSynchronize(event *e) {
    CALL;
    if (e->pending) poll(e->pending);
    if (e->pending) return WOULD_HANG;
    if (now < e->time) now = e->time;
    return SUCCESS;
}

LIBRARY int cuEventElapsedTime(float *milliseconds, event *from, event *to) {
    CALL;
    if (from->pending || to->pending || to->time > now) return NOT_READY;
    *milliseconds = (float)(1e3 * (to->time - from->time));
    return SUCCESS;
}
