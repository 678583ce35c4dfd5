package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.secateur.results.core.cost.Tables.convolution;
import static org.secateur.results.core.cost.Tables.relu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.Additivity.Observation;
import org.secateur.results.core.cost.StepCost.Coverage;
import org.secateur.results.core.statistics.Estimate;

class StepCostTest {
    private static final CostTable TABLE =
            Tables.of(w -> 1e-3, convolution(64, 33), convolution(64, 48), convolution(48, 64), relu(64));

    private static StepProgram step(Object... layersAndWorkloads) {
        List<Instruction> instructions = new ArrayList<>();
        for (int i = 0; i < layersAndWorkloads.length; i += 2) {
            instructions.add(new Instruction(
                    (String) layersAndWorkloads[i], (Workload) layersAndWorkloads[i + 1], List.of(), List.of()));
        }
        return new StepProgram("net", StepProgram.Kind.TRAINING, 32, instructions, List.of());
    }

    @Test
    void aStepIsTheSumOfItsLaunchesByLayerAndByCoverage() {
        StepCost cost = StepCost.predict(
                step("a", convolution(64, 48), "a.relu", relu(64), "b", convolution(64, 40), "a.relu", relu(64)),
                new MeasuredCosts(TABLE));

        assertThat(cost.total().seconds().estimate().orElseThrow().value()).isEqualTo(4e-3, within(1e-12));
        assertThat(cost.total().seconds().provenance()).isEqualTo(Provenance.DERIVED);
        assertThat(cost.total().joules().provenance()).isEqualTo(new Provenance.Modelled("10 W"));
        assertThat(cost.layers().keySet()).containsExactly("a", "a.relu", "b");
        assertThat(cost.coverage()).isEqualTo(new Coverage(3, 1, 0, 0));
        assertThat(cost.model()).isEqualTo("measured table");
    }

    @Test
    void theErrorOfOneWorkloadGrowsWithItsCountAndThoseOfSeveralAddInQuadrature() {
        MeasuredCosts costs = new MeasuredCosts(TABLE);
        Estimate same = StepCost.predict(step("a", relu(64), "b", relu(64)), costs)
                .total()
                .seconds()
                .estimate()
                .orElseThrow();
        Estimate different = StepCost.predict(step("a", convolution(64, 48), "b", convolution(48, 64)), costs)
                .total()
                .seconds()
                .estimate()
                .orElseThrow();

        assertThat(same.halfWidth()).isEqualTo(2e-5, within(1e-12));
        assertThat(different.halfWidth()).isEqualTo(Math.sqrt(2) * 1e-5, within(1e-12));
    }

    /** Of a flagged row between two that are not, exact hits and interpolations tell, layer by layer and in the sum. */
    @Test
    void theFlagsOfRowsReachWhateverRestsOnThem() {
        List<Measurement> rows = TABLE.rows().values().stream()
                .map(row -> row.key().workload().equals(convolution(64, 48))
                        ? row.flagged(Set.of(Flag.INVALID, Flag.WIDE))
                        : row)
                .toList();
        MeasuredCosts costs = new MeasuredCosts(CostTable.of("a test", TABLE.fingerprint(), rows));
        StepCost cost = StepCost.predict(
                step("a", convolution(64, 48), "b", relu(64), "c", convolution(64, 40), "b", relu(64)), costs);
        assertThat(cost.total().flags()).containsExactly(Flag.WIDE, Flag.INVALID);
        assertThat(Objects.requireNonNull(cost.layers().get("a")).flags()).containsExactly(Flag.WIDE, Flag.INVALID);
        assertThat(Objects.requireNonNull(cost.layers().get("b")).flags()).isEmpty();
        assertThat(Objects.requireNonNull(cost.layers().get("c")).flags()).containsExactly(Flag.WIDE, Flag.INVALID);
        assertThat(cost.flagged()).containsExactly(Map.entry(Flag.WIDE, 2), Map.entry(Flag.INVALID, 2));
        assertThat(StepCost.predict(step("a", relu(64)), costs).flagged()).isEmpty();
    }

    @Test
    void oneMissMakesTheTotalMissingAndIsCounted() {
        StepCost cost = StepCost.predict(step("a", relu(64), "b", convolution(64, 999)), new MeasuredCosts(TABLE));

        assertThat(cost.total().seconds()).isInstanceOf(Quantity.Missing.class);
        assertThat(cost.coverage()).isEqualTo(new Coverage(1, 0, 0, 1));
        assertThat(cost.layers())
                .hasEntrySatisfying("a", a -> assertThat(a.seconds()).isInstanceOf(Quantity.Known.class));
    }

    @Test
    void anEmptyStepIsRefused() {
        assertThatThrownBy(() -> StepCost.predict(step(), new MeasuredCosts(TABLE)))
                .hasMessageContaining("net has no instruction");
    }

    @Test
    void theFitRecoversScaleAndConstant() {
        List<Observation> steps = new ArrayList<>();
        for (double sum : new double[] {0.1, 0.2, 0.35, 0.3}) {
            int operations = (int) Math.round(100 + 1000 * sum * sum);
            steps.add(new Observation(sum, operations, 0.9 * sum + 2e-5 * operations));
        }

        Additivity fit = Additivity.fit(steps);

        assertThat(fit.scale()).isCloseTo(0.9, within(1e-9));
        assertThat(fit.secondsPerOperation()).isCloseTo(2e-5, within(1e-12));
        Quantity corrected = StepCost.predict(step("a", relu(64), "b", relu(64)), new MeasuredCosts(TABLE), fit)
                .total()
                .seconds();
        assertThat(corrected.estimate().orElseThrow().value()).isEqualTo(0.9 * 2e-3 + 2 * 2e-5, within(1e-12));
    }

    /** Four prunings of vgg11 on a noisy machine, of which two numbers would be 1.42 and -5.5 ms an operation. */
    @Test
    void whatAFewNoisyStepsWouldNotTellOfEachOtherIsNotFitted() {
        List<Observation> noisy = List.of(
                new Observation(0.7569, 71, 0.6709),
                new Observation(0.8981, 71, 0.8840),
                new Observation(0.7089, 71, 0.5506),
                new Observation(0.7126, 71, 0.7496));
        assertThat(Additivity.fit(noisy)).isEqualTo(Additivity.IDENTITY);
    }

    @Test
    void aScaleAloneIsFittedWhereTheConstantIsNoise() {
        List<Observation> slow = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            double sum = 0.2 + 0.05 * i;
            slow.add(new Observation(sum, 70 + i % 2, 1.3 * sum * (i % 3 == 0 ? 1.01 : 0.995)));
        }
        Additivity fit = Additivity.fit(slow);
        assertThat(fit.scale()).isCloseTo(1.3, within(0.01));
        assertThat(fit.secondsPerOperation()).isZero();
    }

    @Test
    void withoutAWayToTellTheConstantOnlyTheScaleIsFitted() {
        assertThat(Additivity.fit(List.of(new Observation(0.1, 10, 0.12)))).isEqualTo(new Additivity(1.2, 0));
        assertThat(Additivity.fit(List.of(new Observation(0.1, 10, 0.12), new Observation(0.2, 20, 0.24)))
                        .secondsPerOperation())
                .isZero();
        assertThatThrownBy(() -> Additivity.fit(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
