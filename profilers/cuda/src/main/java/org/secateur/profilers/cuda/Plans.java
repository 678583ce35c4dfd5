package org.secateur.profilers.cuda;

import org.secateur.results.core.DataType;
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
            case Operation.IndexMap o -> PixelPlans.indexMap(o, PixelPlans.sources(o), workload, planning, operands);
            case Operation.SoftmaxLoss o -> new LossPlan(o, workload, descriptors, scratch);
            case Operation.OptimizerStep o ->
                ElementwisePlans.optimizerStep(o, new SgdScalars(SgdRule.MEASURING), workload.dataType(), descriptors);
        };
    }

    /**
     * Refuses what no GPU has.
     *
     * @throws IllegalArgumentException for TF32 of another type than FP32
     */
    static void check(Workload workload) {
        if (workload.mathMode() == MathMode.TF32 && workload.dataType() != DataType.F32) {
            throw new IllegalArgumentException("workload " + workload.text() + ": math=tf32 is for dtype=f32 only");
        }
    }
}
