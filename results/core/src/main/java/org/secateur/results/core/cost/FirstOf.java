package org.secateur.results.core.cost;

import java.util.List;
import java.util.stream.Collectors;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;

/** The answer of the first model that has one, in seconds; the last model's reason where none has. */
public record FirstOf(List<CostModel> models) implements CostModel {
    public FirstOf {
        models = List.copyOf(models);
        if (models.isEmpty()) {
            throw new IllegalArgumentException("no cost model: expected at least one");
        }
    }

    @Override
    public String name() {
        return models.stream().map(CostModel::name).collect(Collectors.joining(", else "));
    }

    @Override
    public Cost predict(Workload workload) {
        for (CostModel model : models.subList(0, models.size() - 1)) {
            Cost cost = model.predict(workload);
            if (cost.seconds() instanceof Quantity.Known) {
                return cost;
            }
        }
        return models.get(models.size() - 1).predict(workload);
    }
}
