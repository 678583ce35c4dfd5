/*
 * A stand-in for libcudnn.so.9, for machines without a GPU: slow, obvious arithmetic in double precision on tensors of
 * any layout. Operands are rounded as their types say, and to TF32 where the math type allows it.
 *
 * Time: a convolution takes its multiply-accumulates, with the channels of each group rounded up to tile_c and tile_k,
 * over macs_per_second, times the algorithm's factor, times cliff_factor above cliff_k outputs; everything else the
 * bytes of its tensors over bytes_per_second. The numbers stand in the world's file; see cuda.c.
 */
#include "standin.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, BAD_PARAM = 2000, NOT_SUPPORTED = 3000, EXECUTION_FAILED = 5000 };
enum { FLOAT = 0, HALF = 2, BFLOAT16 = 9 };
enum { FORWARD, BACKWARD_DATA, BACKWARD_FILTER };

/* A tensor, or a filter with k outputs as n. */
typedef struct { int type, n, c, h, w; long s[4]; } tensor;
typedef struct { int pad[2], stride[2], dilation[2], math, groups; } convolution;
typedef struct { int mode, window[2], pad[2], stride[2]; } pooling;
typedef struct { int mode; double most; } mode;
typedef struct { void *stream; } handle;
typedef struct { int algo, status; float time; size_t memory; int determinism, math, reserved[3]; } performance;

typedef struct {
    tensor t[4];
    char *p[12];
    convolution c;
    pooling w;
    int mode;
    double a, b, alpha, beta, epsilon, factor;
} work;

LIBRARY size_t cudnnGetVersion(void) { return (size_t)standin_number("cudnn_version", 90500); }

LIBRARY size_t cudnnGetCudartVersion(void) { return 12060; }

LIBRARY const char *cudnnGetErrorString(int status) {
    switch (status) {
        case SUCCESS: return "CUDNN_STATUS_SUCCESS";
        case BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
        case NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
        case EXECUTION_FAILED: return "CUDNN_STATUS_EXECUTION_FAILED";
        default: return "CUDNN_STATUS_UNKNOWN";
    }
}

/* Objects: made, counted, freed. */
static int make(void **made, size_t size, standin_kind kind) {
    *made = calloc(1, size);
    standin_count(kind, 1);
    return SUCCESS;
}

static int unmake(void *object, standin_kind kind) {
    if (!object) return BAD_PARAM;
    free(object);
    standin_count(kind, -1);
    return SUCCESS;
}

#define OBJECT(NAME, TYPE, KIND)                                                                        \
    LIBRARY int cudnnCreate##NAME(void **made) { return make(made, sizeof(TYPE), KIND); }               \
    LIBRARY int cudnnDestroy##NAME(void *object) { return unmake(object, KIND); }

OBJECT(, handle, HANDLE)
OBJECT(TensorDescriptor, tensor, TENSOR)
OBJECT(FilterDescriptor, tensor, FILTER)
OBJECT(ConvolutionDescriptor, convolution, CONVOLUTION)
OBJECT(ActivationDescriptor, mode, ACTIVATION)
OBJECT(PoolingDescriptor, pooling, POOLING)
OBJECT(OpTensorDescriptor, mode, OP_TENSOR)
OBJECT(ReduceTensorDescriptor, mode, REDUCE_TENSOR)

LIBRARY int cudnnSetStream(handle *h, void *stream) {
    h->stream = stream;
    return SUCCESS;
}

static int known(int type) { return type == FLOAT || type == HALF || type == BFLOAT16; }

LIBRARY int cudnnSetTensor4dDescriptorEx(
        tensor *t, int type, int n, int c, int h, int w, int sn, int sc, int sh, int sw) {
    if (!known(type) || n < 1 || c < 1 || h < 1 || w < 1) return BAD_PARAM;
    *t = (tensor){type, n, c, h, w, {sn, sc, sh, sw}};
    return SUCCESS;
}

LIBRARY int cudnnSetTensor4dDescriptor(tensor *t, int format, int type, int n, int c, int h, int w) {
    return format == 0 ? cudnnSetTensor4dDescriptorEx(t, type, n, c, h, w, c * h * w, h * w, w, 1)
            : format == 1 ? cudnnSetTensor4dDescriptorEx(t, type, n, c, h, w, c * h * w, 1, c * w, c)
                          : NOT_SUPPORTED;
}

LIBRARY int cudnnSetFilter4dDescriptor(tensor *t, int type, int format, int k, int c, int h, int w) {
    return cudnnSetTensor4dDescriptor(t, format, type, k, c, h, w);
}

LIBRARY int cudnnSetConvolution2dDescriptor(
        convolution *o, int ph, int pw, int sh, int sw, int dh, int dw, int cross, int compute) {
    if (cross != 1 || compute != FLOAT) return NOT_SUPPORTED;
    *o = (convolution){{ph, pw}, {sh, sw}, {dh, dw}, 0, 1};
    return SUCCESS;
}

LIBRARY int cudnnSetConvolutionMathType(convolution *o, int math) {
    o->math = math;
    return SUCCESS;
}

LIBRARY int cudnnSetConvolutionGroupCount(convolution *o, int groups) {
    o->groups = groups;
    return SUCCESS;
}

LIBRARY int cudnnSetActivationDescriptor(mode *o, int kind, int nan, double coefficient) {
    (void)nan;
    *o = (mode){kind, kind == 3 ? coefficient : INFINITY};
    return kind == 1 || kind == 3 ? SUCCESS : NOT_SUPPORTED; /* ReLU, and clipped */
}

LIBRARY int cudnnSetPooling2dDescriptor(
        pooling *o, int kind, int nan, int h, int w, int ph, int pw, int sh, int sw) {
    (void)nan;
    *o = (pooling){kind, {h, w}, {ph, pw}, {sh, sw}};
    return SUCCESS;
}

LIBRARY int cudnnSetOpTensorDescriptor(mode *o, int op, int type, int nan) {
    (void)nan;
    o->mode = op;
    return type == FLOAT && op <= 1 ? SUCCESS : NOT_SUPPORTED;
}

LIBRARY int cudnnSetReduceTensorDescriptor(mode *o, int op, int type, int nan, int indices, int index_type) {
    (void)nan, (void)indices, (void)index_type;
    o->mode = op;
    return type == FLOAT && op == 0 ? SUCCESS : NOT_SUPPORTED;
}

/* Elements. */
static size_t width(const tensor *t) { return t->type == FLOAT ? 4 : 2; }

static long count(const tensor *t) { return (long)t->n * t->c * t->h * t->w; }

static long place(const tensor *t, int n, int c, int h, int w) {
    return n * t->s[0] + c * t->s[1] + h * t->s[2] + w * t->s[3];
}

static int held(const tensor *t, const void *data) {
    size_t elements = (size_t)place(t, t->n - 1, t->c - 1, t->h - 1, t->w - 1) + 1;
    return standin_holds(data, elements * width(t));
}

static double get(const tensor *t, const char *data, long at) {
    if (t->type == FLOAT) return ((const float *)data)[at];
    if (t->type == HALF) return (double)((const _Float16 *)data)[at];
    uint32_t bits = (uint32_t)((const uint16_t *)data)[at] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

/* Keeps so many bits of a float's mantissa, rounding to nearest even. */
static float rounded(double value, int dropped) {
    float single = (float)value;
    uint32_t bits;
    memcpy(&bits, &single, 4);
    uint32_t half = (1u << (dropped - 1)) - 1 + (bits >> dropped & 1);
    bits = (bits + half) & ~((1u << dropped) - 1);
    memcpy(&single, &bits, 4);
    return single;
}

static void put(const tensor *t, char *data, long at, double value) {
    if (t->type == FLOAT) {
        ((float *)data)[at] = (float)value;
    } else if (t->type == HALF) {
        ((_Float16 *)data)[at] = (_Float16)value;
    } else {
        float single = rounded(value, 16);
        uint32_t bits;
        memcpy(&bits, &single, 4);
        ((uint16_t *)data)[at] = (uint16_t)(bits >> 16);
    }
}

/* alpha * value + beta * what is there, which is not read when beta is 0. */
static void blend(const work *o, const tensor *t, char *data, long at, double value) {
    put(t, data, at, o->alpha * value + (o->beta != 0 ? o->beta * get(t, data, at) : 0));
}

#define EACH(T)                                 \
    for (int n = 0; n < (T).n; n++)             \
        for (int c = 0; c < (T).c; c++)         \
            for (int h = 0; h < (T).h; h++)     \
                for (int w = 0; w < (T).w; w++)

static double memory_seconds(const work *o, int tensors) {
    double bytes = 0;
    for (int i = 0; i < tensors; i++) bytes += (double)count(&o->t[i]) * (double)width(&o->t[i]);
    return bytes / standin_number("bytes_per_second", 1e9);
}

static void nothing(void *args) { (void)args; }

static int start(handle *h, double seconds, void (*run)(void *), const work *o) {
    int large = (double)count(&o->t[0]) > standin_number("arithmetic_elements", 1e18);
    if (large || standin_number("no_arithmetic", 0) != 0) run = nothing;
    return standin_enqueue(h->stream, seconds, run, o, sizeof *o) ? EXECUTION_FAILED : SUCCESS;
}

static work scaled(const void *alpha, const void *beta) {
    return (work){.alpha = *(const float *)alpha, .beta = *(const float *)beta};
}

/* Convolutions: t and p are x, w, y, of which the mode's is the result. */
static void run_convolution(void *args) {
    work *o = args;
    const tensor *x = &o->t[0], *f = &o->t[1], *y = &o->t[2];
    int result = o->mode == FORWARD ? 2 : o->mode == BACKWARD_DATA ? 0 : 1;
    int narrow = o->c.math == 0 && x->type == FLOAT;
    const tensor *made = &o->t[result];
    long elements = place(made, made->n - 1, made->c - 1, made->h - 1, made->w - 1) + 1;
    double *sums = calloc((size_t)elements, sizeof *sums);
    int outputs = f->n / o->c.groups;
    for (int n = 0; n < y->n; n++)
    for (int k = 0; k < y->c; k++)
    for (int p = 0; p < y->h; p++)
    for (int q = 0; q < y->w; q++)
    for (int c = 0; c < f->c; c++)
    for (int r = 0; r < f->h; r++)
    for (int s = 0; s < f->w; s++) {
        int h = p * o->c.stride[0] - o->c.pad[0] + r * o->c.dilation[0];
        int w = q * o->c.stride[1] - o->c.pad[1] + s * o->c.dilation[1];
        if (h < 0 || h >= x->h || w < 0 || w >= x->w) continue;
        long at[3] = {place(x, n, k / outputs * f->c + c, h, w), place(f, k, c, r, s), place(y, n, k, p, q)};
        double product = 1;
        for (int i = 0; i < 3; i++) {
            if (i == result) continue;
            double value = get(&o->t[i], o->p[i], at[i]);
            product *= narrow ? (double)rounded(value, 13) : value;
        }
        sums[at[result]] += product;
    }
    EACH(*made) {
        long at = place(made, n, c, h, w);
        blend(o, made, o->p[result], at, sums[at]);
    }
    free(sums);
}

/* Algorithms: number, relative time, workspace as a multiple of the input's bytes, determinism, 3x3 kernels only. */
typedef struct { int algo; double factor, workspace; int deterministic, three; } algorithm;

static const algorithm ALGORITHMS[3][3] = {
    {{0, 1.0, 0, 1, 0}, {1, 0.6, 0.5, 1, 0}, {6, 0.5, 2, 1, 1}},
    {{0, 0.8, 0, 0, 0}, {1, 1.0, 0.5, 1, 0}, {4, 0.5, 2, 1, 1}},
    {{0, 0.8, 0, 0, 0}, {1, 1.0, 0.5, 1, 0}, {3, 0.7, 1, 0, 0}},
};

static int same(const tensor *a, int n, int c, int h, int w) {
    return a->n == n && a->c == c && a->h == h && a->w == w;
}

static int output(int size, int pad, int kernel, int stride, int dilation) {
    return (size + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1;
}

static int fits(const work *o) {
    const tensor *x = &o->t[0], *f = &o->t[1], *y = &o->t[2];
    const convolution *c = &o->c;
    int p = output(x->h, c->pad[0], f->h, c->stride[0], c->dilation[0]);
    int q = output(x->w, c->pad[1], f->w, c->stride[1], c->dilation[1]);
    return x->type == f->type && f->type == y->type && x->c == f->c * c->groups && same(y, x->n, f->n, p, q)
            && held(x, o->p[0]) && held(f, o->p[1]) && held(y, o->p[2]);
}

static const algorithm *supported(const work *o, int algo) {
    if (o->t[1].n == (int)standin_number("refused_k", -1)) return NULL;
    for (int i = 0; i < 3; i++) {
        const algorithm *a = &ALGORITHMS[o->mode][i];
        if (a->algo != algo || algo == (int)standin_number("fault.not_supported", -1)) continue;
        return !a->three || (o->t[1].h == 3 && o->t[1].w == 3 && o->c.stride[0] == 1 && o->c.groups == 1) ? a : NULL;
    }
    return NULL;
}

static size_t workspace(const work *o, const algorithm *a) {
    return (size_t)(a->workspace * (double)count(&o->t[0]) * (double)width(&o->t[0]));
}

static double up(int channels, double tile) { return ceil(channels / tile) * tile; }

static double convolution_seconds(const work *o, const algorithm *a) {
    const tensor *f = &o->t[1], *y = &o->t[2];
    int groups = o->c.groups;
    double macs = (double)y->n * y->h * y->w * f->h * f->w * groups * up(f->c, standin_number("tile_c", 8))
            * up(f->n / groups, standin_number("tile_k", 16));
    double cliff = f->n > standin_number("cliff_k", 1e9) ? standin_number("cliff_factor", 1) : 1;
    return macs * a->factor * cliff / standin_number("macs_per_second", 1e7);
}

static int convolve(handle *h, work o, int algo, void *space, size_t bytes) {
    if (!fits(&o)) return BAD_PARAM;
    const algorithm *a = supported(&o, algo);
    if (!a) return NOT_SUPPORTED;
    size_t needed = workspace(&o, a);
    if (needed > bytes || (needed && !standin_holds(space, needed))) return BAD_PARAM;
    static uint32_t seed = 1;
    seed = seed * 1664525u + 1013904223u;
    double noise = 1 + standin_number("noise", 0) * (seed >> 8) / 16777216.0;
    return start(h, noise * convolution_seconds(&o, a), run_convolution, &o);
}

static int workspace_bytes(work o, int algo, size_t *bytes) {
    const algorithm *a = supported(&o, algo);
    if (!a) return NOT_SUPPORTED;
    *bytes = workspace(&o, a);
    return SUCCESS;
}

/* Tells which algorithms there are, and leaves rubbish in the result, as searches do; its times are not used. */
static int search(work o, int requested, int *returned, performance *results, void *space, size_t bytes) {
    if (!fits(&o) || (bytes && !standin_holds(space, bytes))) return BAD_PARAM;
    *returned = 0;
    for (int i = 0; i < 3 && *returned < requested; i++) {
        const algorithm *a = supported(&o, ALGORITHMS[o.mode][i].algo);
        performance *r = &results[(*returned)++];
        *r = (performance){ALGORITHMS[o.mode][i].algo, NOT_SUPPORTED, -1, 0, 0, o.c.math, {0}};
        if (!a) continue;
        size_t needed = workspace(&o, a);
        *r = (performance){a->algo, needed <= bytes ? SUCCESS : 1003, -1, needed, a->deterministic, o.c.math, {0}};
        if (!r->status) r->time = (float)(1e3 * convolution_seconds(&o, a));
    }
    int made = o.mode == FORWARD ? 2 : o.mode == BACKWARD_DATA ? 0 : 1;
    memset(o.p[made], 0xC1, width(&o.t[made]));
    return SUCCESS;
}

#define CONVOLUTION_OF(MODE, ALPHA, BETA)                                             \
    work o = scaled(ALPHA, BETA);                                                     \
    o.mode = MODE, o.c = *cd, o.t[0] = *xd, o.t[1] = *fd, o.t[2] = *yd;               \
    o.p[0] = (char *)x, o.p[1] = (char *)f, o.p[2] = (char *)y

static const float ONE = 1, ZERO = 0;

LIBRARY int cudnnConvolutionForward(
        handle *h, const void *alpha, tensor *xd, const void *x, tensor *fd, const void *f, convolution *cd, int algo,
        void *space, size_t bytes, const void *beta, tensor *yd, void *y) {
    CONVOLUTION_OF(FORWARD, alpha, beta);
    return convolve(h, o, algo, space, bytes);
}

LIBRARY int cudnnConvolutionBackwardData(
        handle *h, const void *alpha, tensor *fd, const void *f, tensor *yd, const void *y, convolution *cd, int algo,
        void *space, size_t bytes, const void *beta, tensor *xd, void *x) {
    CONVOLUTION_OF(BACKWARD_DATA, alpha, beta);
    return convolve(h, o, algo, space, bytes);
}

LIBRARY int cudnnConvolutionBackwardFilter(
        handle *h, const void *alpha, tensor *xd, const void *x, tensor *yd, const void *y, convolution *cd, int algo,
        void *space, size_t bytes, const void *beta, tensor *fd, void *f) {
    CONVOLUTION_OF(BACKWARD_FILTER, alpha, beta);
    return convolve(h, o, algo, space, bytes);
}

LIBRARY int cudnnFindConvolutionForwardAlgorithmEx(
        handle *h, tensor *xd, const void *x, tensor *fd, const void *f, convolution *cd, tensor *yd, void *y,
        int requested, int *returned, performance *results, void *space, size_t bytes) {
    (void)h;
    CONVOLUTION_OF(FORWARD, &ONE, &ZERO);
    return search(o, requested, returned, results, space, bytes);
}

LIBRARY int cudnnFindConvolutionBackwardDataAlgorithmEx(
        handle *h, tensor *fd, const void *f, tensor *yd, const void *y, convolution *cd, tensor *xd, void *x,
        int requested, int *returned, performance *results, void *space, size_t bytes) {
    (void)h;
    CONVOLUTION_OF(BACKWARD_DATA, &ONE, &ZERO);
    return search(o, requested, returned, results, space, bytes);
}

LIBRARY int cudnnFindConvolutionBackwardFilterAlgorithmEx(
        handle *h, tensor *xd, const void *x, tensor *yd, const void *y, convolution *cd, tensor *fd, void *f,
        int requested, int *returned, performance *results, void *space, size_t bytes) {
    (void)h;
    CONVOLUTION_OF(BACKWARD_FILTER, &ONE, &ZERO);
    return search(o, requested, returned, results, space, bytes);
}

LIBRARY int cudnnGetConvolutionForwardWorkspaceSize(
        handle *h, tensor *xd, tensor *fd, convolution *cd, tensor *yd, int algo, size_t *bytes) {
    (void)h;
    work o = {.mode = FORWARD, .c = *cd, .t = {*xd, *fd, *yd}};
    return workspace_bytes(o, algo, bytes);
}

LIBRARY int cudnnGetConvolutionBackwardDataWorkspaceSize(
        handle *h, tensor *fd, tensor *yd, convolution *cd, tensor *xd, int algo, size_t *bytes) {
    (void)h;
    work o = {.mode = BACKWARD_DATA, .c = *cd, .t = {*xd, *fd, *yd}};
    return workspace_bytes(o, algo, bytes);
}

LIBRARY int cudnnGetConvolutionBackwardFilterWorkspaceSize(
        handle *h, tensor *xd, tensor *yd, convolution *cd, tensor *fd, int algo, size_t *bytes) {
    (void)h;
    work o = {.mode = BACKWARD_FILTER, .c = *cd, .t = {*xd, *fd, *yd}};
    return workspace_bytes(o, algo, bytes);
}

/* Elementwise operations: a result, here t[0] and p[0], and operands that broadcast where they have size 1. */
static long broadcast(const tensor *t, int n, int c, int h, int w) {
    return place(t, t->n == 1 ? 0 : n, t->c == 1 ? 0 : c, t->h == 1 ? 0 : h, t->w == 1 ? 0 : w);
}

static int broadcasts(const tensor *a, const tensor *y) {
    return (a->n == 1 || a->n == y->n) && (a->c == 1 || a->c == y->c) && (a->h == 1 || a->h == y->h)
            && (a->w == 1 || a->w == y->w);
}

static void run_op(void *args) {
    work *o = args;
    EACH(o->t[0]) {
        double a = o->a * get(&o->t[1], o->p[1], broadcast(&o->t[1], n, c, h, w));
        double b = o->b * get(&o->t[2], o->p[2], broadcast(&o->t[2], n, c, h, w));
        blend(o, &o->t[0], o->p[0], place(&o->t[0], n, c, h, w), o->mode == 0 ? a + b : a * b);
    }
}

LIBRARY int cudnnOpTensor(
        handle *h, mode *op, const void *alpha, tensor *ad, const void *a, const void *alpha2, tensor *bd,
        const void *b, const void *beta, tensor *yd, void *y) {
    work o = scaled(&ONE, beta);
    o.mode = op->mode, o.a = *(const float *)alpha, o.b = *(const float *)alpha2;
    o.t[0] = *yd, o.t[1] = *ad, o.t[2] = *bd, o.p[0] = y, o.p[1] = (char *)a, o.p[2] = (char *)b;
    if (!broadcasts(ad, yd) || !broadcasts(bd, yd) || !held(yd, y) || !held(ad, a) || !held(bd, b)) return BAD_PARAM;
    if (b == y && a != y) return BAD_PARAM; /* as documented: if B is C, so must A be */
    return start(h, memory_seconds(&o, 3), run_op, &o);
}

static void run_add(void *args) {
    work *o = args;
    EACH(o->t[0]) {
        double value = get(&o->t[1], o->p[1], broadcast(&o->t[1], n, c, h, w));
        blend(o, &o->t[0], o->p[0], place(&o->t[0], n, c, h, w), value);
    }
}

LIBRARY int cudnnAddTensor(
        handle *h, const void *alpha, tensor *ad, const void *a, const void *beta, tensor *yd, void *y) {
    work o = scaled(alpha, beta);
    o.t[0] = *yd, o.t[1] = *ad, o.p[0] = y, o.p[1] = (char *)a;
    if (!broadcasts(ad, yd) || !held(yd, y) || !held(ad, a)) return BAD_PARAM;
    return start(h, memory_seconds(&o, 2), run_add, &o);
}

LIBRARY int cudnnTransformTensor(
        handle *h, const void *alpha, tensor *xd, const void *x, const void *beta, tensor *yd, void *y) {
    if (!same(xd, yd->n, yd->c, yd->h, yd->w)) return BAD_PARAM;
    return cudnnAddTensor(h, alpha, xd, x, beta, yd, y);
}

static void run_scale(void *args) {
    work *o = args;
    EACH(o->t[0]) {
        long at = place(&o->t[0], n, c, h, w);
        put(&o->t[0], o->p[0], at, o->alpha * get(&o->t[0], o->p[0], at));
    }
}

LIBRARY int cudnnScaleTensor(handle *h, tensor *yd, void *y, const void *alpha) {
    work o = scaled(alpha, &ZERO);
    o.t[0] = *yd, o.p[0] = y;
    return held(yd, y) ? start(h, memory_seconds(&o, 1), run_scale, &o) : BAD_PARAM;
}

/* Sums over every dimension in which the result has size 1. */
static void run_sum(void *args) {
    work *o = args;
    const tensor *y = &o->t[0];
    double *sums = calloc((size_t)place(y, y->n - 1, y->c - 1, y->h - 1, y->w - 1) + 1, sizeof *sums);
    EACH(o->t[1]) sums[broadcast(y, n, c, h, w)] += get(&o->t[1], o->p[1], place(&o->t[1], n, c, h, w));
    EACH(*y) blend(o, y, o->p[0], place(y, n, c, h, w), sums[place(y, n, c, h, w)]);
    free(sums);
}

static int sum(handle *h, const void *alpha, tensor *ad, const void *a, const void *beta, tensor *yd, void *y) {
    work o = scaled(alpha, beta);
    o.t[0] = *yd, o.t[1] = *ad, o.p[0] = y, o.p[1] = (char *)a;
    if (!broadcasts(yd, ad) || !held(yd, y) || !held(ad, a)) return BAD_PARAM;
    return start(h, memory_seconds(&o, 2), run_sum, &o);
}

LIBRARY int cudnnGetReductionWorkspaceSize(handle *h, mode *op, tensor *ad, tensor *yd, size_t *bytes) {
    (void)h, (void)op, (void)yd;
    *bytes = (size_t)count(ad) * 4;
    return SUCCESS;
}

LIBRARY int cudnnReduceTensor(
        handle *h, mode *op, void *indices, size_t index_bytes, void *space, size_t bytes, const void *alpha,
        tensor *ad, const void *a, const void *beta, tensor *yd, void *y) {
    (void)op, (void)indices, (void)index_bytes;
    if (count(ad) == count(yd)) return BAD_PARAM; /* nothing is reduced */
    if (bytes < (size_t)count(ad) * 4 || !standin_holds(space, bytes)) return BAD_PARAM;
    return sum(h, alpha, ad, a, beta, yd, y);
}

LIBRARY int cudnnConvolutionBackwardBias(
        handle *h, const void *alpha, tensor *dyd, const void *dy, const void *beta, tensor *dbd, void *db) {
    return same(dbd, 1, dyd->c, 1, 1) ? sum(h, alpha, dyd, dy, beta, dbd, db) : BAD_PARAM;
}

static void run_relu(void *args) {
    work *o = args;
    EACH(o->t[0]) {
        double x = get(&o->t[1], o->p[1], place(&o->t[1], n, c, h, w));
        blend(o, &o->t[0], o->p[0], place(&o->t[0], n, c, h, w), fmin(fmax(x, 0), o->a));
    }
}

LIBRARY int cudnnActivationForward(
        handle *h, mode *op, const void *alpha, tensor *xd, const void *x, const void *beta, tensor *yd, void *y) {
    work o = scaled(alpha, beta);
    o.a = op->most, o.t[0] = *yd, o.t[1] = *xd, o.p[0] = y, o.p[1] = (char *)x;
    return held(xd, x) && held(yd, y) ? start(h, memory_seconds(&o, 2), run_relu, &o) : BAD_PARAM;
}

static void run_relu_backward(void *args) {
    work *o = args;
    EACH(o->t[0]) {
        double x = get(&o->t[1], o->p[1], place(&o->t[1], n, c, h, w));
        double dy = get(&o->t[2], o->p[2], place(&o->t[2], n, c, h, w));
        blend(o, &o->t[0], o->p[0], place(&o->t[0], n, c, h, w), x > 0 && x <= o->a ? dy : 0);
    }
}

LIBRARY int cudnnActivationBackward(
        handle *h, mode *op, const void *alpha, tensor *yd, const void *y, tensor *dyd, const void *dy, tensor *xd,
        const void *x, const void *beta, tensor *dxd, void *dx) {
    work o = scaled(alpha, beta);
    o.a = op->most, o.t[0] = *dxd, o.t[1] = *xd, o.t[2] = *dyd, o.p[0] = dx, o.p[1] = (char *)x, o.p[2] = (char *)dy;
    if (!held(xd, x) || !held(yd, y) || !held(dyd, dy) || !held(dxd, dx)) return BAD_PARAM;
    return start(h, memory_seconds(&o, 3), run_relu_backward, &o);
}

/* Pooling: y, x, and when backward dy and dx. Modes: 0 and 3 maximum, 1 and 2 average with and without padding. */
static void run_pooling(void *args) {
    work *o = args;
    const tensor *y = &o->t[0], *x = &o->t[1];
    const pooling *v = &o->w;
    int backward = o->mode;
    double *sums = backward ? calloc((size_t)place(x, x->n - 1, x->c - 1, x->h - 1, x->w - 1) + 1, sizeof *sums) : NULL;
    EACH(*y) {
        int top = h * v->stride[0] - v->pad[0], left = w * v->stride[1] - v->pad[1], seen = 0;
        long best = -1, out = place(y, n, c, h, w);
        double total = 0;
        for (int pass = 0; pass < 1 + backward; pass++)
        for (int i = top < 0 ? 0 : top; i < top + v->window[0] && i < x->h; i++)
        for (int j = left < 0 ? 0 : left; j < left + v->window[1] && j < x->w; j++) {
            long at = place(x, n, c, i, j);
            if (pass) {
                double dy = get(y, o->p[2], out);
                if (v->mode == 1 || v->mode == 2) sums[at] += dy / (v->mode == 2 ? seen : v->window[0] * v->window[1]);
                else if (at == best) sums[at] += dy;
            } else {
                double value = get(x, o->p[1], at);
                total += value, seen++;
                if (best < 0 || value > get(x, o->p[1], best)) best = at;
            }
        }
        if (backward) continue;
        int divisor = v->mode == 1 ? v->window[0] * v->window[1] : seen;
        blend(o, y, o->p[0], out, v->mode == 1 || v->mode == 2 ? total / divisor : get(x, o->p[1], best));
    }
    if (backward) EACH(*x) blend(o, x, o->p[3], place(x, n, c, h, w), sums[place(x, n, c, h, w)]);
    free(sums);
}

static int pooled(const pooling *v, const tensor *x, const tensor *y) {
    return same(y, x->n, x->c, output(x->h, v->pad[0], v->window[0], v->stride[0], 1),
            output(x->w, v->pad[1], v->window[1], v->stride[1], 1));
}

LIBRARY int cudnnPoolingForward(
        handle *h, pooling *v, const void *alpha, tensor *xd, const void *x, const void *beta, tensor *yd, void *y) {
    work o = scaled(alpha, beta);
    o.w = *v, o.t[0] = *yd, o.t[1] = *xd, o.p[0] = y, o.p[1] = (char *)x;
    return pooled(v, xd, yd) && held(xd, x) && held(yd, y) ? start(h, memory_seconds(&o, 2), run_pooling, &o) : BAD_PARAM;
}

LIBRARY int cudnnPoolingBackward(
        handle *h, pooling *v, const void *alpha, tensor *yd, const void *y, tensor *dyd, const void *dy, tensor *xd,
        const void *x, const void *beta, tensor *dxd, void *dx) {
    work o = scaled(alpha, beta);
    o.mode = 1, o.w = *v, o.t[0] = *yd, o.t[1] = *xd, o.t[2] = *dyd, o.t[3] = *dxd;
    o.p[0] = (char *)y, o.p[1] = (char *)x, o.p[2] = (char *)dy, o.p[3] = dx;
    if (!pooled(v, xd, yd) || !held(xd, x) || !held(yd, y) || !held(dyd, dy) || !held(dxd, dx)) return BAD_PARAM;
    return start(h, memory_seconds(&o, 4), run_pooling, &o);
}

/* Logarithmic softmax over the channels, and its gradient. */
static void run_softmax(void *args) {
    work *o = args;
    const tensor *y = &o->t[0], *x = &o->t[1];
    for (int n = 0; n < y->n; n++) {
        double largest = -INFINITY, total = 0;
        for (int c = 0; c < y->c; c++) largest = fmax(largest, get(x, o->p[1], place(x, n, c, 0, 0)));
        for (int c = 0; c < y->c; c++) total += exp(get(x, o->p[1], place(x, n, c, 0, 0)) - largest);
        for (int c = 0; c < y->c; c++) {
            blend(o, y, o->p[0], place(y, n, c, 0, 0), get(x, o->p[1], place(x, n, c, 0, 0)) - largest - log(total));
        }
    }
}

LIBRARY int cudnnSoftmaxForward(
        handle *h, int algo, int kind, const void *alpha, tensor *xd, const void *x, const void *beta, tensor *yd,
        void *y) {
    if (algo != 2 || kind != 0 || xd->h * xd->w != 1) return NOT_SUPPORTED;
    work o = scaled(alpha, beta);
    o.t[0] = *yd, o.t[1] = *xd, o.p[0] = y, o.p[1] = (char *)x;
    return held(xd, x) && held(yd, y) ? start(h, memory_seconds(&o, 2), run_softmax, &o) : BAD_PARAM;
}

static void run_softmax_backward(void *args) {
    work *o = args;
    const tensor *dx = &o->t[0], *y = &o->t[1], *dy = &o->t[2];
    for (int n = 0; n < dx->n; n++) {
        double total = 0;
        for (int c = 0; c < dx->c; c++) total += get(dy, o->p[2], place(dy, n, c, 0, 0));
        for (int c = 0; c < dx->c; c++) {
            double probability = exp(get(y, o->p[1], place(y, n, c, 0, 0)));
            blend(o, dx, o->p[0], place(dx, n, c, 0, 0), get(dy, o->p[2], place(dy, n, c, 0, 0)) - total * probability);
        }
    }
}

LIBRARY int cudnnSoftmaxBackward(
        handle *h, int algo, int kind, const void *alpha, tensor *yd, const void *y, tensor *dyd, const void *dy,
        const void *beta, tensor *dxd, void *dx) {
    if (algo != 2 || kind != 0) return NOT_SUPPORTED;
    work o = scaled(alpha, beta);
    o.t[0] = *dxd, o.t[1] = *yd, o.t[2] = *dyd, o.p[0] = dx, o.p[1] = (char *)y, o.p[2] = (char *)dy;
    if (!held(yd, y) || !held(dyd, dy) || !held(dxd, dx)) return BAD_PARAM;
    return start(h, memory_seconds(&o, 3), run_softmax_backward, &o);
}

/* Batch normalisation; parameters and statistics are floats, one per channel. */
LIBRARY int cudnnDeriveBNTensorDescriptor(tensor *derived, tensor *x, int kind) {
    if (kind < 1) return NOT_SUPPORTED;
    return cudnnSetTensor4dDescriptor(derived, 0, FLOAT, 1, x->c, 1, 1);
}

enum { X, Y, SCALE, BIAS, MEAN, VARIANCE, SAVED_MEAN, SAVED_INVERSE, DY, DX, DSCALE, DBIAS };

static float *floats(work *o, int which) { return (float *)o->p[which]; }

static void normalise(work *o, int c, double mean, double inverse) {
    const tensor *t = &o->t[0];
    for (int n = 0; n < t->n; n++)
    for (int h = 0; h < t->h; h++)
    for (int w = 0; w < t->w; w++) {
        long at = place(t, n, c, h, w);
        double value = (get(t, o->p[X], at) - mean) * inverse;
        blend(o, t, o->p[Y], at, value * floats(o, SCALE)[c] + floats(o, BIAS)[c]);
    }
}

static void run_norm_training(void *args) {
    work *o = args;
    const tensor *t = &o->t[0];
    double number = (double)t->n * t->h * t->w;
    for (int c = 0; c < t->c; c++) {
        double mean = 0, squares = 0;
        for (int pass = 0; pass < 2; pass++)
        for (int n = 0; n < t->n; n++)
        for (int h = 0; h < t->h; h++)
        for (int w = 0; w < t->w; w++) {
            double value = get(t, o->p[X], place(t, n, c, h, w));
            if (pass) squares += (value - mean) * (value - mean);
            else mean += value / number;
        }
        double inverse = 1 / sqrt(squares / number + o->epsilon);
        floats(o, SAVED_MEAN)[c] = (float)mean;
        floats(o, SAVED_INVERSE)[c] = (float)inverse;
        float *running = &floats(o, MEAN)[c], *variance = &floats(o, VARIANCE)[c];
        *running = (float)((1 - o->factor) * *running + o->factor * mean);
        *variance = (float)((1 - o->factor) * *variance + o->factor * squares / (number - 1));
        normalise(o, c, mean, inverse);
    }
}

static void run_norm_inference(void *args) {
    work *o = args;
    for (int c = 0; c < o->t[0].c; c++) normalise(o, c, floats(o, MEAN)[c], 1 / sqrt(floats(o, VARIANCE)[c] + o->epsilon));
}

static void run_norm_backward(void *args) {
    work *o = args;
    const tensor *t = &o->t[0];
    double number = (double)t->n * t->h * t->w;
    for (int c = 0; c < t->c; c++) {
        double mean = floats(o, SAVED_MEAN)[c], inverse = floats(o, SAVED_INVERSE)[c], scale = 0, bias = 0;
        for (int pass = 0; pass < 2; pass++)
        for (int n = 0; n < t->n; n++)
        for (int h = 0; h < t->h; h++)
        for (int w = 0; w < t->w; w++) {
            long at = place(t, n, c, h, w);
            double normal = (get(t, o->p[X], at) - mean) * inverse, dy = get(t, o->p[DY], at);
            if (pass) {
                double centred = dy - bias / number - normal * scale / number;
                blend(o, t, o->p[DX], at, floats(o, SCALE)[c] * inverse * centred);
            } else {
                scale += dy * normal, bias += dy;
            }
        }
        floats(o, DSCALE)[c] = (float)scale;
        floats(o, DBIAS)[c] = (float)bias;
    }
}

static int channels_held(const work *o, int from, int to) {
    for (int i = from; i <= to; i++) {
        if (!standin_holds(o->p[i], (size_t)o->t[0].c * 4)) return 0;
    }
    return 1;
}

#define NORM_SPACE 256

LIBRARY int cudnnGetBatchNormalizationForwardTrainingExWorkspaceSize(
        handle *h, int kind, int ops, tensor *xd, tensor *zd, tensor *yd, tensor *bd, mode *act, size_t *bytes) {
    (void)h, (void)kind, (void)ops, (void)xd, (void)zd, (void)yd, (void)bd, (void)act;
    *bytes = NORM_SPACE;
    return SUCCESS;
}

LIBRARY int cudnnGetBatchNormalizationBackwardExWorkspaceSize(
        handle *h, int kind, int ops, tensor *xd, tensor *yd, tensor *dyd, tensor *dzd, tensor *dxd, tensor *bd,
        mode *act, size_t *bytes) {
    (void)h, (void)kind, (void)ops, (void)xd, (void)yd, (void)dyd, (void)dzd, (void)dxd, (void)bd, (void)act;
    *bytes = NORM_SPACE;
    return SUCCESS;
}

LIBRARY int cudnnGetBatchNormalizationTrainingExReserveSpaceSize(
        handle *h, int kind, int ops, mode *act, tensor *xd, size_t *bytes) {
    (void)h, (void)kind, (void)ops, (void)act, (void)xd;
    *bytes = NORM_SPACE;
    return SUCCESS;
}

static int spaces_held(void *space, size_t bytes, void *reserve, size_t reserve_bytes) {
    return bytes >= NORM_SPACE && reserve_bytes >= NORM_SPACE && standin_holds(space, bytes)
            && standin_holds(reserve, reserve_bytes);
}

LIBRARY int cudnnBatchNormalizationForwardTrainingEx(
        handle *h, int kind, int ops, const void *alpha, const void *beta, tensor *xd, const void *x, tensor *zd,
        const void *z, tensor *yd, void *y, tensor *bd, const void *scale, const void *bias, double factor, void *mean,
        void *variance, double epsilon, void *saved_mean, void *saved_inverse, mode *act, void *space, size_t bytes,
        void *reserve, size_t reserve_bytes) {
    (void)zd, (void)z, (void)bd, (void)act;
    if (kind < 1 || ops != 0) return NOT_SUPPORTED;
    work o = scaled(alpha, beta);
    o.t[0] = *xd, o.t[1] = *yd, o.epsilon = epsilon, o.factor = factor;
    char *p[] = {(char *)x, y, (char *)scale, (char *)bias, mean, variance, saved_mean, saved_inverse};
    memcpy(o.p, p, sizeof p);
    if (!held(xd, x) || !held(yd, y) || !channels_held(&o, SCALE, SAVED_INVERSE)) return BAD_PARAM;
    if (!spaces_held(space, bytes, reserve, reserve_bytes)) return BAD_PARAM;
    memset(reserve, 0x5E, NORM_SPACE);
    return start(h, 2 * memory_seconds(&o, 2), run_norm_training, &o);
}

LIBRARY int cudnnBatchNormalizationForwardInference(
        handle *h, int kind, const void *alpha, const void *beta, tensor *xd, const void *x, tensor *yd, void *y,
        tensor *bd, const void *scale, const void *bias, const void *mean, const void *variance, double epsilon) {
    (void)bd;
    if (kind < 1) return NOT_SUPPORTED;
    work o = scaled(alpha, beta);
    o.t[0] = *xd, o.t[1] = *yd, o.epsilon = epsilon;
    char *p[] = {(char *)x, y, (char *)scale, (char *)bias, (char *)mean, (char *)variance};
    memcpy(o.p, p, sizeof p);
    if (!held(xd, x) || !held(yd, y) || !channels_held(&o, SCALE, VARIANCE)) return BAD_PARAM;
    return start(h, memory_seconds(&o, 2), run_norm_inference, &o);
}

LIBRARY int cudnnBatchNormalizationBackwardEx(
        handle *h, int kind, int ops, const void *alpha, const void *beta, const void *alpha_p, const void *beta_p,
        tensor *xd, const void *x, tensor *yd, const void *y, tensor *dyd, const void *dy, tensor *dzd, void *dz,
        tensor *dxd, void *dx, tensor *bd, const void *scale, const void *bias, void *dscale, void *dbias,
        double epsilon, const void *saved_mean, const void *saved_inverse, mode *act, void *space, size_t bytes,
        void *reserve, size_t reserve_bytes) {
    (void)alpha_p, (void)beta_p, (void)yd, (void)y, (void)dzd, (void)dz, (void)bd, (void)bias, (void)act;
    if (kind < 1 || ops != 0) return NOT_SUPPORTED;
    work o = scaled(alpha, beta);
    o.t[0] = *xd, o.t[1] = *dyd, o.t[2] = *dxd, o.epsilon = epsilon;
    o.p[X] = (char *)x, o.p[SCALE] = (char *)scale, o.p[SAVED_MEAN] = (char *)saved_mean;
    o.p[SAVED_INVERSE] = (char *)saved_inverse, o.p[DY] = (char *)dy, o.p[DX] = dx, o.p[DSCALE] = dscale;
    o.p[DBIAS] = dbias;
    if (!held(xd, x) || !held(dyd, dy) || !held(dxd, dx) || !channels_held(&o, SCALE, SCALE)) return BAD_PARAM;
    if (!channels_held(&o, SAVED_MEAN, SAVED_INVERSE) || !channels_held(&o, DSCALE, DBIAS)) return BAD_PARAM;
    if (!spaces_held(space, bytes, reserve, reserve_bytes)) return BAD_PARAM;
    return start(h, 2 * memory_seconds(&o, 3), run_norm_backward, &o);
}
