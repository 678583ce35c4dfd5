package org.secateur.profilers.libtorch;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** One launch over one set of buffers. */
@FunctionalInterface
interface Launch {
    /** Runs to the end and returns the tensors made, which belong to the innermost open pointer scope. */
    List<Tensor> run();
}
