package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

/** Quantities computed from several measured ones. */
final class Blend {
    private Blend() {}

    /** The combination of known quantities; the first missing one where there is any; modelled where any part is. */
    static Quantity of(List<Quantity> parts, Function<List<Estimate>, Estimate> combine) {
        List<Estimate> numbers = new ArrayList<>();
        String model = "";
        for (Quantity part : parts) {
            switch (part) {
                case Quantity.Missing missing -> {
                    return missing;
                }
                case Quantity.Known known -> {
                    numbers.add(known.number());
                    if (model.isEmpty() && known.provenance() instanceof Provenance.Modelled modelled) {
                        model = modelled.model();
                    }
                }
            }
        }
        Estimate combined = combine.apply(numbers);
        return model.isEmpty() ? Quantity.derived(combined) : Quantity.modelled(combined, model);
    }

    /** The weighted mean of values and bounds: the errors of neighbours are taken to go together. */
    static Estimate mean(List<Estimate> parts, List<Double> weights) {
        double value = 0;
        double low = 0;
        double high = 0;
        for (int i = 0; i < parts.size(); i++) {
            value += weights.get(i) * parts.get(i).value();
            low += weights.get(i) * parts.get(i).low();
            high += weights.get(i) * parts.get(i).high();
        }
        return new Estimate(
                value,
                Math.min(low, value),
                Math.max(high, value),
                parts.stream().mapToDouble(Estimate::confidence).min().orElseThrow(),
                parts.stream().mapToInt(Estimate::blocks).min().orElseThrow());
    }

    /** The weighted mean of the values in the interval that holds all parts. */
    static Estimate hull(List<Estimate> parts, List<Double> weights) {
        Estimate mean = mean(parts, weights);
        double low = parts.stream().mapToDouble(Estimate::low).min().orElseThrow();
        double high = parts.stream().mapToDouble(Estimate::high).max().orElseThrow();
        return new Estimate(
                mean.value(),
                Math.min(low, mean.value()),
                Math.max(high, mean.value()),
                mean.confidence(),
                mean.blocks());
    }
}
