package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.secateur.results.core.cost.Tables.convolution;
import static org.secateur.results.core.cost.Tables.relu;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.statistics.Estimate;

class ModelsTest {
    private static double value(Quantity quantity) {
        return quantity.estimate().orElseThrow().value();
    }

    @Test
    void aGuessIsTheNearestRowScaledByChannelsRoundedUpToTheQuantum() {
        CostTable table = Tables.of(w -> 1e-3, convolution(64, 64), convolution(256, 256), relu(64));
        ScaledCosts costs = new ScaledCosts(table, 16);

        Quantity guess = costs.predict(convolution(64, 40)).seconds();

        assertThat(value(guess)).isEqualTo(1e-3 * Math.pow(48.0 / 64, 0.84), within(1e-12));
        assertThat(guess.provenance()).isEqualTo(new Provenance.Modelled("scaled from nearest measurement"));
        assertThat(value(costs.predict(convolution(64, 33)).seconds())).isEqualTo(value(guess), within(1e-12));
        assertThat(value(costs.predict(convolution(250, 250)).seconds())).isEqualTo(1e-3, within(1e-12));
        assertThat(value(costs.predict(relu(16)).seconds())).isEqualTo(1e-3 * Math.pow(0.25, 0.84), within(1e-12));
        assertThat(value(costs.predict(convolution(64, 40)).joules()))
                .isEqualTo(1e-2 * Math.pow(0.75, 0.84), within(1e-12));
    }

    @Test
    void aMeasuredRowIsNotGuessed() {
        ScaledCosts costs = new ScaledCosts(Tables.of(w -> 1e-3, relu(64)), 16);

        assertThat(costs.predict(relu(64)).seconds().provenance()).isEqualTo(Provenance.MEASURED);
    }

    @Test
    void anotherShapeOfTheSameOperationServesWhereTheFamilyHasNoRow() {
        ScaledCosts costs = new ScaledCosts(Tables.of(w -> 1e-3, convolution(64, 64), relu(64)), 16);
        Workload smaller = Workload.of(
                new Convolution(32, 64, 8, 8, 64, 3, 3, Extent.of(1), Extent.of(1), Extent.of(1), 1), Pass.FORWARD);

        assertThat(value(costs.predict(smaller).seconds())).isEqualTo(1e-3 * Math.pow(0.25, 0.84), within(1e-12));
        assertThat(costs.predict(Workload.of(new Linear(1, 64, 64), Pass.BACKWARD_DATA))
                        .seconds())
                .isInstanceOf(Quantity.Known.class);
    }

    @Test
    void anEmptyTableGuessesNothing() {
        assertThat(new ScaledCosts(Tables.of(w -> 1), 16).predict(relu(1)).seconds())
                .isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void theFirstModelWithAnAnswerIsAsked() {
        CostTable table = Tables.of(w -> 1e-3, convolution(64, 64));
        FirstOf costs = new FirstOf(List.of(new MeasuredCosts(table), new ScaledCosts(table, 16)));

        assertThat(costs.predict(convolution(64, 64)).seconds().provenance()).isEqualTo(Provenance.MEASURED);
        assertThat(costs.predict(convolution(64, 32)).seconds().provenance()).isInstanceOf(Provenance.Modelled.class);
        assertThat(costs.name()).isEqualTo("measured table, else scaled from nearest measurement");
    }

    @Test
    void powerRisesFromIdleWithTheUtilisation() {
        CpuPowerModel model = new CpuPowerModel(10, 65);
        assertThat(model.watts(OptionalDouble.of(0))).isEqualTo(10);
        assertThat(model.watts(OptionalDouble.of(0.5))).isEqualTo(37.5);
        assertThat(model.watts(OptionalDouble.of(1))).isEqualTo(65);
        assertThat(model.watts(OptionalDouble.empty())).isEqualTo(65);
    }

    @Test
    void joulesByAModelNeverReplaceCountedOnesUnlessAskedTo() {
        Measurement timed = Tables.of(w -> 2, relu(16))
                .rows()
                .values()
                .iterator()
                .next()
                .withJoules(Quantity.unavailable("no counter"));
        Measurement counted = timed.withJoules(Quantity.measured(Estimate.exact(7)));
        CpuPowerModel power = new CpuPowerModel(10, 65);
        MemoryHierarchyEnergy accesses = MemoryHierarchyEnergy.eyeriss();

        assertThat(value(power.applied(timed).joules())).isEqualTo(130);
        assertThat(power.applied(counted)).isEqualTo(counted);
        assertThat(accesses.applied(power.applied(timed)).joules().provenance())
                .as("another model's")
                .isEqualTo(new Provenance.Modelled(accesses.name()));
        CostTable table = CostTable.of("a test", Fingerprint.of(Map.of(), Map.of()), List.of(counted));
        assertThat(power.instead(table).rows().values())
                .allSatisfy(row -> assertThat(value(row.joules())).isEqualTo(130));
        assertThat(EnergyModel.counted(table)).isEqualTo(table);
        assertThat(EnergyModel.counted(power.instead(table)).rows().values())
                .allSatisfy(row -> assertThat(row.joules()).isInstanceOf(Quantity.Missing.class));
    }

    @Test
    void theAccessesOfAStepAreThoseOfItsLaunchesHoweverLongItTakes() {
        MemoryHierarchyEnergy model = MemoryHierarchyEnergy.eyeriss();
        List<Workload> launches = List.of(convolution(64, 64), convolution(64, 32));
        Quantity joules = model.joules(launches, Quantity.unavailable("two modes"), OptionalDouble.empty());

        assertThat(value(joules)).isEqualTo(model.joules(launches.get(0)) + model.joules(launches.get(1)));
        assertThat(joules.provenance()).isEqualTo(new Provenance.Modelled(model.name()));
    }

    @Test
    void modelledJoulesNameTheirAssumption() {
        CpuPowerModel model = new CpuPowerModel(10, 65);
        Quantity seconds = Quantity.measured(new Estimate(2, 1.9, 2.1, 0.95, 8));

        Quantity joules = model.joules(List.of(), seconds, OptionalDouble.empty());
        assertThat(value(joules)).isEqualTo(130);
        assertThat(joules.provenance())
                .isEqualTo(new Provenance.Modelled("cpu-power 10.0 W idle to 65.0 W at full utilisation, assumed"));
        assertThat(model.joules(List.of(), Quantity.unavailable("x"), OptionalDouble.empty()))
                .isEqualTo(Quantity.unavailable("x"));
        assertThatThrownBy(() -> new CpuPowerModel(65, 10)).hasMessageContaining("0 <= idle < active");
    }
}
