package org.secateur.profilers.libtorch;

import static org.bytedeco.pytorch.global.torch.randn;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A stock of standard normal values, drawn once, from which buffers are filled by copying: gigabytes take a moment.
 * Equal seeds give equal values in the same order. Whoever makes it closes it.
 */
final class NormalPool implements AutoCloseable {
    /** A prime, so that the rows of no power-of-two shape repeat. */
    private static final int VALUES = 1_048_573;

    private final Tensor values;
    private long next;

    @SuppressWarnings("try") // the scope only has to be open
    NormalPool(long seed) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            values = randn(new long[] {VALUES}, new GeneratorOptional(torch.make_generator_cpu(seed)));
            // It outlives the scope.
            values.retainReference();
        }
    }

    /** Overwrites a tensor without holes in its memory: contiguous, or with its channels last. */
    @SuppressWarnings("try") // the scope only has to be open
    void fill(Tensor tensor) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor own = tensor.detach();
            Tensor flat = (own.is_contiguous() ? own : own.permute(0, 2, 3, 1)).view(-1);
            long elements = flat.numel();
            for (long done = 0; done < elements; ) {
                long run = Math.min(elements - done, VALUES - next);
                flat.narrow(0, done, run).copy_(values.narrow(0, next, run));
                done += run;
                next = (next + run) % VALUES;
            }
        }
    }

    @Override
    public void close() {
        values.close();
    }
}
