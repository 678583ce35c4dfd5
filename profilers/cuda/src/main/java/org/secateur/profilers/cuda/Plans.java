package org.secateur.profilers.cuda;

import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Workload;

/** The plan of each workload. */
final class Plans {
    private Plans() {}

    /**
     * Plans a workload, on a first set of operands.
     *
     * @throws IllegalArgumentException when there is no kernel for it
     */
    static Plan of(Workload workload, Planning planning, Operands operands) {
        Descriptors descriptors = planning.descriptors();
        Scratch scratch = planning.scratch();
        return switch (workload.operation()) {
            case Operation.Convolution o -> new ConvolutionPlan(o, workload.pass(), workload, planning, operands);
            case Operation.Linear o -> ConvolutionPlan.of(o, workload, planning, operands);
            case Operation.BatchNorm o -> new BatchNormPlan(o, BatchNormRule.USUAL, workload, descriptors, scratch);
            case Operation.Activation o -> ElementwisePlans.activation(o, workload, descriptors);
            case Operation.Add o -> ElementwisePlans.add(o, workload, descriptors);
            case Operation.Pooling o -> new PoolingPlan(o, workload, planning.request(), descriptors);
            case Operation.Concat o -> PixelPlans.concat(o, workload, descriptors);
            case Operation.Pad o -> PixelPlans.pad(o, workload, descriptors);
            case Operation.IndexMap o -> PixelPlans.indexMap(o, PixelPlans.sources(o), workload, planning, operands);
            case Operation.SoftmaxLoss o -> new LossPlan(o, workload, descriptors, scratch);
            case Operation.OptimizerStep o ->
                ElementwisePlans.optimizerStep(o, new SgdScalars(SgdRule.MEASURING), workload.dataType(), descriptors);
        };
    }

    /**
     * Refuses what no GPU has.
     *
     * @throws IllegalArgumentException for TF32 of another type than FP32, for dilated pooling, for averages of padding in
     *     ceil mode (of windows beyond an edge cuDNN would count what is neither image nor padding), and for activations that
     *     are cut at another lower bound than 0
     */
    static void check(Workload workload) {
        if (workload.mathMode() == MathMode.TF32 && workload.dataType() != DataType.F32) {
            throw new IllegalArgumentException("workload " + workload.text() + ": math=tf32 is for dtype=f32 only");
        }
        if (workload.operation() instanceof Operation.Pooling o && !o.dilation().equals(Extent.of(1))) {
            throw new IllegalArgumentException("workload " + workload.text() + ": cuDNN has no dilated pooling");
        }
        if (workload.operation() instanceof Operation.Pooling o
                && o.kind() == Operation.PoolingKind.PADDED_AVERAGE
                && o.ceil()
                && !o.padding().equals(Extent.of(0))) {
            throw new IllegalArgumentException(
                    "workload " + workload.text() + ": cuDNN has no averages of padding in ceil mode");
        }
        if (workload.operation() instanceof Operation.Activation o && o.kind().least() != 0) {
            throw new IllegalArgumentException(
                    "workload " + workload.text() + ": cuDNN has no activation with another lower bound than 0");
        }
    }
}
