package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnPoolingBackward;
import static jcuda.jcudnn.JCudnn.cudnnPoolingForward;

import java.util.ArrayList;
import java.util.List;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import jcuda.jcudnn.cudnnPoolingMode;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Request;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/**
 * Pooling. cuDNN pads both sides alike, so that in ceil mode the last
 * windows, which reach over the edge, are pooled apart: each over the rows or columns that it has left, in the same
 * tensors.
 */
final class PoolingPlan implements Plan {
    private final Gpu gpu;
    private final boolean backward;
    private final int mode;
    private final List<Part> parts;

    /** Windows in one dimension: so many of a size, from an input pixel and for an output pixel on. */
    private record Span(int input, int inputs, int output, int outputs, int window, int padding) {}

    /** What one call pools: a part of the input to a part of the output. */
    private record Part(
            cudnnPoolingDescriptor pooling,
            cudnnTensorDescriptor x,
            long xBytes,
            cudnnTensorDescriptor y,
            long yBytes) {}

    PoolingPlan(Pooling o, Workload workload, Request request, Descriptors descriptors) {
        gpu = descriptors.gpu();
        backward = workload.pass() == Pass.BACKWARD;
        mode = mode(o.kind(), request);
        int stepDown = o.stride().height();
        int stepAside = o.stride().width();
        List<Span> rows = spans(
                o.h(),
                o.outputHeight(),
                o.window().height(),
                stepDown,
                o.padding().height());
        List<Span> columns = spans(
                o.w(),
                o.outputWidth(),
                o.window().width(),
                stepAside,
                o.padding().width());
        int[] x = PixelPlans.strides(workload.layout(), o.c(), o.h(), o.w());
        int[] y = PixelPlans.strides(workload.layout(), o.c(), o.outputHeight(), o.outputWidth());
        int bytes = workload.dataType().bytes();
        List<Part> made = new ArrayList<>();
        for (Span r : rows) {
            for (Span c : columns) {
                made.add(new Part(
                        descriptors.pooling(
                                mode,
                                new Extent(r.window(), c.window()),
                                new Extent(r.padding(), c.padding()),
                                o.stride()),
                        descriptors.part(workload.dataType(), o.n(), o.c(), r.inputs(), c.inputs(), x),
                        ((long) r.input() * x[2] + (long) c.input() * x[3]) * bytes,
                        descriptors.part(workload.dataType(), o.n(), o.c(), r.outputs(), c.outputs(), y),
                        ((long) r.output() * y[2] + (long) c.output() * y[3]) * bytes));
            }
        }
        parts = List.copyOf(made);
    }

    private static int mode(PoolingKind kind, Request request) {
        return switch (kind) {
            case AVERAGE -> cudnnPoolingMode.CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING;
            case PADDED_AVERAGE -> cudnnPoolingMode.CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING;
            case MAX ->
                request.deterministic()
                        ? cudnnPoolingMode.CUDNN_POOLING_MAX_DETERMINISTIC
                        : cudnnPoolingMode.CUDNN_POOLING_MAX;
        };
    }

    /** The windows that lie within the padded input, and the last one where it does not. */
    private static List<Span> spans(int size, int outputs, int window, int stride, int padding) {
        int within = Math.min(outputs, Math.floorDiv(size + 2 * padding - window, stride) + 1);
        List<Span> spans = new ArrayList<>();
        if (within > 0) {
            spans.add(new Span(0, size, 0, within, window, padding));
        }
        if (within < outputs) {
            int first = Math.max(0, within * stride - padding);
            spans.add(new Span(first, size - first, within, 1, size - first, 0));
        }
        return spans;
    }

    @Override
    public Variant variant() {
        String name = cudnnPoolingMode.stringFor(mode).replace("CUDNN_", "");
        boolean deterministic = !backward || mode != cudnnPoolingMode.CUDNN_POOLING_MAX;
        return new Variant(parts.size() == 1 ? name : name + " in " + parts.size() + " parts", 0, deterministic);
    }

    @Override
    public void prepare(Operands s) {
        if (backward) {
            forward(s.read(0), s.read(1));
        }
    }

    private void forward(DeviceMemory input, DeviceMemory output) {
        for (Part part : parts) {
            gpu.checkCudnn(
                    cudnnPoolingForward(
                            gpu.cudnn(),
                            part.pooling(),
                            gpu.one(),
                            part.x(),
                            input.at(part.xBytes()),
                            gpu.zero(),
                            part.y(),
                            output.at(part.yBytes())),
                    "cudnnPoolingForward");
        }
    }

    @Override
    public Launch on(Operands s) {
        return backward ? () -> backward(s) : () -> forward(s.read(0), s.written(0));
    }

    /** Pixels may lie in windows of several parts, whose gradients are added. */
    private void backward(Operands s) {
        if (parts.size() > 1) {
            s.written(0).clear();
        }
        for (Part part : parts) {
            gpu.checkCudnn(
                    cudnnPoolingBackward(
                            gpu.cudnn(),
                            part.pooling(),
                            gpu.one(),
                            part.y(),
                            s.read(1).at(part.yBytes()),
                            part.y(),
                            s.read(2).at(part.yBytes()),
                            part.x(),
                            s.read(0).at(part.xBytes()),
                            parts.size() > 1 ? gpu.one() : gpu.zero(),
                            part.x(),
                            s.written(0).at(part.xBytes())),
                    "cudnnPoolingBackward");
        }
    }
}
