package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnAddTensor;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardBias;

import jcuda.jcudnn.cudnnTensorDescriptor;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/**
 * One pass of a convolution by the fastest of cuDNN's algorithms, and of its bias where the operands have one: added to
 * the output, or its gradient summed, in a launch of its own.
 */
final class ConvolutionPlan implements Plan {
    private final Gpu gpu;
    private final Scratch scratch;
    private final Pass pass;
    private final ConvolutionShapes shapes;
    private final cudnnTensorDescriptor bias;
    private final ConvolutionCalls calls;
    private final ConvolutionAlgorithm algorithm;

    /**
     * Searches the algorithm on a first set of operands, unless it is known.
     *
     * @param o the convolution, which may be a selection of channels
     * @param workload what it serves
     */
    ConvolutionPlan(Convolution o, Pass pass, Workload workload, Planning planning, Operands operands) {
        gpu = planning.gpu();
        scratch = planning.scratch();
        this.pass = pass;
        shapes = ConvolutionShapes.of(o, workload, planning.descriptors());
        bias = planning.descriptors().tensor(workload.dataType(), workload.layout(), 1, o.k(), 1, 1);
        calls = new ConvolutionCalls(gpu, pass, shapes, ConvolutionShapes.mathType(workload));
        algorithm = planning.choices()
                .get(o, pass, workload, () -> new ConvolutionSearch(planning, workload).search(calls, operands));
        scratch.require(algorithm.workspaceBytes());
    }

    /** A fully connected layer: a 1x1 convolution of one pixel. */
    static ConvolutionPlan of(Linear o, Workload workload, Planning planning, Operands operands) {
        Extent one = Extent.of(1);
        Convolution convolution = new Convolution(o.n(), o.in(), 1, 1, o.out(), 1, 1, one, Extent.of(0), one, 1);
        return new ConvolutionPlan(convolution, workload.pass(), workload, planning, operands);
    }

    @Override
    public Variant variant() {
        return algorithm.variant();
    }

    @Override
    public Launch on(Operands o) {
        Launch product = calls.launch(o, algorithm, scratch::workspace);
        if (pass == Pass.FORWARD && o.reads().size() > 2) {
            return () -> {
                product.run();
                gpu.checkCudnn(
                        cudnnAddTensor(
                                gpu.cudnn(),
                                gpu.one(),
                                bias,
                                o.read(2).pointer(),
                                gpu.one(),
                                shapes.y(),
                                o.written(0).pointer()),
                        "cudnnAddTensor");
            };
        }
        if (pass == Pass.BACKWARD_WEIGHTS && o.writes().size() > 1) {
            return () -> {
                product.run();
                gpu.checkCudnn(
                        cudnnConvolutionBackwardBias(
                                gpu.cudnn(),
                                gpu.one(),
                                shapes.y(),
                                o.read(1).pointer(),
                                gpu.zero(),
                                bias,
                                o.written(1).pointer()),
                        "cudnnConvolutionBackwardBias");
            };
        }
        return product;
    }
}
