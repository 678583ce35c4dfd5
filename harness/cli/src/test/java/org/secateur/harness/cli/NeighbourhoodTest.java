package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;

/** What becomes of a neighbourhood of whose points some have no single time, or no kernel. */
final class NeighbourhoodTest {
    private final List<WorkloadKey> measured = new ArrayList<>();
    private CostTable table = Rows.table(List.of());

    private static Neighbourhood neighbourhood() {
        return Neighbourhood.of(
                Zoo.network("resnet8", Optional.of(new Shape(1, 8, 8)), OptionalInt.of(2)),
                List.of(2),
                8,
                Arithmetic.DEFAULT);
    }

    private static double seconds(Workload workload) {
        return 1e-5 + workload.macs() / 1e10;
    }

    /** The first key of all has two modes, always. */
    private CostTable measure(Collection<WorkloadKey> keys) {
        List<Measurement> rows = new ArrayList<>();
        for (WorkloadKey key : keys) {
            if (table.row(key)
                    .map(Measurement::seconds)
                    .flatMap(Quantity::estimate)
                    .isPresent()) {
                continue;
            }
            measured.add(key);
            double seconds = seconds(key.workload());
            rows.add(
                    key.equals(measured.get(0))
                            ? Rows.ofTwoModes(key.workload(), seconds)
                            : Rows.of(key.workload(), seconds));
        }
        table = table.with(rows);
        return table;
    }

    @Test
    void aPointOfTwoModesIsMeasuredOnceMoreAndLosesNoOther() {
        Neighbourhood built = neighbourhood();
        long points = built.points();
        built.build(this::measure, key -> false);
        WorkloadKey bimodal = measured.get(0);
        assertThat(built.points()).isEqualTo(points);
        assertThat(built.asked()).contains(bimodal);
        assertThat(measured).filteredOn(bimodal::equals).hasSize(2);
        assertThat(measured).hasSize(built.asked().size() + 1);
        assertThat(built.warnings())
                .singleElement()
                .asString()
                .startsWith("1 points ")
                .contains("no single time");
        assertThat(built.met()).isTrue();
    }

    @Test
    void whereAllIsRefusedNothingIsMet() {
        Neighbourhood built = neighbourhood();
        long points = built.points();
        built.build(keys -> table, key -> true);
        assertThat(built.points()).isZero();
        assertThat(built.met()).isFalse();
        assertThat(built.warnings())
                .singleElement()
                .asString()
                .startsWith(points + " points ")
                .contains("given up");
        NeighbourhoodResult result = NeighbourhoodResult.of(built, List.of(), table);
        assertThat(result.text()).contains("nothing of it is left").doesNotContain("NaN");
        assertThat(result.json()).containsEntry("targetMet", false);
    }
}
