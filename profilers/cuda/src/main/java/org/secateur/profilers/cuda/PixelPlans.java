package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnTransformTensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.Concat;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/** Plans of operations that move pixels. */
final class PixelPlans {
    /** Above it one selecting convolution takes the place of that many copies. */
    private static final int MOST_RUNS = 4;

    private PixelPlans() {}

    /** The distances between neighbours of a dense tensor, in the order n, c, h, w. */
    static int[] strides(Layout layout, int c, int h, int w) {
        return switch (layout) {
            case NCHW -> new int[] {c * h * w, h * w, w, 1};
            case NHWC -> new int[] {c * h * w, 1, c * w, c};
        };
    }

    /** A part of each side, of the same shape, that is copied. */
    private record Copy(cudnnTensorDescriptor from, long fromBytes, cudnnTensorDescriptor to, long toBytes) {
        void run(Gpu gpu, DeviceMemory source, DeviceMemory target) {
            gpu.checkCudnn(
                    cudnnTransformTensor(
                            gpu.cudnn(), gpu.one(), from, source.at(fromBytes), gpu.zero(), to, target.at(toBytes)),
                    "cudnnTransformTensor");
        }

        Copy reversed() {
            return new Copy(to, toBytes, from, fromBytes);
        }
    }

    /** Forward copies the image into the middle of the output, which must be zero before; backward copies it back. */
    static Plan pad(Pad o, Workload workload, Descriptors descriptors) {
        Gpu gpu = descriptors.gpu();
        int[] x = strides(workload.layout(), o.c(), o.h(), o.w());
        int[] y = strides(workload.layout(), o.c(), o.outputHeight(), o.outputWidth());
        long first = (long) o.before().height() * y[2] + (long) o.before().width() * y[3];
        Copy forward = new Copy(
                descriptors.part(workload.dataType(), o.n(), o.c(), o.h(), o.w(), x),
                0,
                descriptors.part(workload.dataType(), o.n(), o.c(), o.h(), o.w(), y),
                first * workload.dataType().bytes());
        Copy copy = workload.pass() == Pass.FORWARD ? forward : forward.reversed();
        return ElementwisePlans.plan(s -> () -> copy.run(gpu, s.read(0), s.written(0)));
    }

    /** Forward copies the inputs into the output's channels, backward the output's gradient into those of the inputs. */
    static Plan concat(Concat o, Workload workload, Descriptors descriptors) {
        Gpu gpu = descriptors.gpu();
        int all = o.channels().stream().mapToInt(Integer::intValue).sum();
        int[] whole = strides(workload.layout(), all, o.h(), o.w());
        List<Copy> copies = new ArrayList<>();
        int first = 0;
        for (int c : o.channels()) {
            copies.add(new Copy(
                    descriptors.part(
                            workload.dataType(), o.n(), c, o.h(), o.w(), strides(workload.layout(), c, o.h(), o.w())),
                    0,
                    descriptors.part(workload.dataType(), o.n(), c, o.h(), o.w(), whole),
                    (long) first * whole[1] * workload.dataType().bytes()));
            first += c;
        }
        return ElementwisePlans.plan(s -> () -> {
            for (int i = 0; i < copies.size(); i++) {
                if (workload.pass() == Pass.FORWARD) {
                    copies.get(i).run(gpu, s.read(i), s.written(0));
                } else {
                    copies.get(i).reversed().run(gpu, s.read(0), s.written(i));
                }
            }
        });
    }

    /** Whether an input channel has several outputs, whose gradients must be added. */
    private static boolean repeats(List<Integer> sources) {
        List<Integer> mapped = sources.stream().filter(source -> source >= 0).toList();
        return Set.copyOf(mapped).size() < mapped.size();
    }

    /**
     * Copies of runs of neighbouring channels where there are few; else a 1x1 convolution whose weights select. What
     * copies leave out must be zero before. Backward copies, or convolves, the other way.
     *
     * @param sources for each output channel its input channel, or -1
     */
    static Plan indexMap(IndexMap o, List<Integer> sources, Workload workload, Planning planning, Operands operands) {
        List<Run> runs = runs(sources);
        if (runs.isEmpty() || runs.size() > MOST_RUNS || repeats(sources)) {
            return selection(o, sources, workload, planning, operands);
        }
        Gpu gpu = planning.gpu();
        Descriptors descriptors = planning.descriptors();
        Layout layout = workload.layout();
        int[] x = strides(layout, o.c(), o.h(), o.w());
        int[] y = strides(layout, o.k(), o.outputHeight(), o.outputWidth());
        int[] nth = {x[0], x[1], x[2] * o.stride().height(), x[3] * o.stride().width()};
        int bytes = workload.dataType().bytes();
        List<Copy> copies = runs.stream()
                .map(run -> new Copy(
                        descriptors.part(
                                workload.dataType(), o.n(), run.length(), o.outputHeight(), o.outputWidth(), nth),
                        (long) run.source() * x[1] * bytes,
                        descriptors.part(
                                workload.dataType(), o.n(), run.length(), o.outputHeight(), o.outputWidth(), y),
                        (long) run.output() * y[1] * bytes))
                .map(copy -> workload.pass() == Pass.FORWARD ? copy : copy.reversed())
                .toList();
        return ElementwisePlans.plan(s -> () -> copies.forEach(copy -> copy.run(gpu, s.read(0), s.written(0))));
    }

    /** Neighbouring outputs that copy neighbouring inputs. */
    private record Run(int source, int output, int length) {}

    private static List<Run> runs(List<Integer> sources) {
        List<Run> runs = new ArrayList<>();
        for (int first = 0; first < sources.size(); ) {
            int length = 1;
            while (first + length < sources.size() && sources.get(first + length) == sources.get(first) + length) {
                length++;
            }
            if (sources.get(first) >= 0) {
                runs.add(new Run(sources.get(first), first, length));
                first += length;
            } else {
                first++;
            }
        }
        return runs;
    }

    private static Plan selection(
            IndexMap o, List<Integer> sources, Workload workload, Planning planning, Operands operands) {
        float[] weights = new float[o.k() * o.c()];
        for (int k = 0; k < o.k(); k++) {
            if (sources.get(k) >= 0) {
                weights[k * o.c() + sources.get(k)] = 1;
            }
        }
        DeviceMemory selector = planning.descriptors()
                .scope()
                .add(new DeviceMemory(
                        planning.gpu(),
                        (long) weights.length * workload.dataType().bytes()));
        Numbers.write(selector, workload.dataType(), weights);
        Convolution convolution =
                new Convolution(o.n(), o.c(), o.h(), o.w(), o.k(), 1, 1, o.stride(), Extent.of(0), Extent.of(1), 1);
        Pass pass = workload.pass() == Pass.FORWARD ? Pass.FORWARD : Pass.BACKWARD_DATA;
        ConvolutionPlan products =
                new ConvolutionPlan(convolution, pass, workload, planning, withSelector(operands, selector));
        return new Plan() {
            @Override
            public Variant variant() {
                return products.variant();
            }

            @Override
            public Launch on(Operands s) {
                return products.on(withSelector(s, selector));
            }
        };
    }

    private static Operands withSelector(Operands operands, DeviceMemory selector) {
        return new Operands(List.of(operands.read(0), selector), operands.writes());
    }

    /**
     * A map of the operation's counts, where only these are known: where every input channel is kept, a run in the middle
     * of the outputs (the dense option-A shortcut); else channels scattered evenly over inputs and outputs, as pruning
     * leaves them.
     */
    static List<Integer> sources(IndexMap o) {
        List<Integer> sources =
                new ArrayList<>(IntStream.range(0, o.k()).map(i -> -1).boxed().toList());
        boolean dense = o.mapped() == o.c();
        for (int i = 0; i < o.mapped(); i++) {
            int output = dense ? (o.k() - o.mapped()) / 2 + i : (int) ((long) i * o.k() / o.mapped());
            int source = dense ? i : (int) ((long) i * o.c() / o.mapped());
            sources.set(output, source);
        }
        return sources;
    }
}
