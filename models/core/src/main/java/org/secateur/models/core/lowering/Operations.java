package org.secateur.models.core.lowering;

import java.util.List;
import java.util.Optional;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/** The operation that a layer launches. */
final class Operations {
    private Operations() {}

    /** Empty for a flatten, which launches nothing. */
    static Optional<Operation> of(Layer layer, List<Shape> inputs, int n, boolean training) {
        Shape in = inputs.get(0);
        int c = in.channels();
        int h = in.height();
        int w = in.width();
        return switch (layer) {
            case Layer.Convolution l ->
                Optional.of(new Operation.Convolution(
                        n,
                        c,
                        h,
                        w,
                        l.outputs(),
                        l.kernel().height(),
                        l.kernel().width(),
                        l.stride(),
                        l.padding(),
                        l.dilation(),
                        l.groups()));
            case Layer.BatchNorm l -> Optional.of(new Operation.BatchNorm(n, c, h, w, training));
            case Layer.Activation l -> Optional.of(new Operation.Activation(n, c, h, w, l.kind()));
            case Layer.Pooling l ->
                Optional.of(new Operation.Pooling(
                        n, c, h, w, l.kind(), l.window(), l.stride(), l.padding(), l.ceil(), l.dilation()));
            case Layer.Pad l -> Optional.of(new Operation.Pad(n, c, h, w, l.before(), l.after()));
            case Layer.GlobalAveragePool l -> {
                Extent whole = new Extent(h, w);
                yield Optional.of(
                        new Operation.Pooling(n, c, h, w, PoolingKind.AVERAGE, whole, whole, Extent.of(0), false));
            }
            case Layer.Flatten l -> Optional.empty();
            case Layer.Linear l -> Optional.of(new Operation.Linear(n, c, l.outputs()));
            case Layer.Add l -> Optional.of(new Operation.Add(n, c, h, w, Operand.TENSOR));
            case Layer.Shift l -> Optional.of(new Operation.Add(n, c, h, w, l.operand()));
            case Layer.Concat l ->
                Optional.of(new Operation.Concat(
                        n, inputs.stream().map(Shape::channels).toList(), h, w));
            case Layer.IndexMap l ->
                Optional.of(new Operation.IndexMap(n, c, h, w, l.sources().size(), l.mapped(), l.stride()));
        };
    }
}
