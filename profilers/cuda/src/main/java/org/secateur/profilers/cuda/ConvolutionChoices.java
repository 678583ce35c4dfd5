package org.secateur.profilers.cuda;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;

/** The algorithms chosen so far, so that one convolution is searched once, however many kernels have it. */
final class ConvolutionChoices {
    private record Key(Convolution convolution, Pass pass, DataType type, MathMode math, Layout layout) {}

    private final Map<Key, ConvolutionAlgorithm> chosen = new HashMap<>();

    /**
     * The algorithm of a pass of a convolution.
     *
     * @param workload whose arithmetic and layout it has
     * @param search asked the first time
     */
    ConvolutionAlgorithm get(Convolution o, Pass pass, Workload workload, Supplier<ConvolutionAlgorithm> search) {
        Key key = new Key(o, pass, workload.dataType(), workload.mathMode(), workload.layout());
        return chosen.computeIfAbsent(key, k -> search.get());
    }
}
