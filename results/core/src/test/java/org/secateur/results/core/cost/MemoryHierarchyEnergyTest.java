package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import org.junit.jupiter.api.Test;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.MemoryHierarchyEnergy.Accesses;
import org.secateur.results.core.cost.MemoryHierarchyEnergy.Array;
import org.secateur.results.core.cost.MemoryHierarchyEnergy.Units;

class MemoryHierarchyEnergyTest {
    private static final MemoryHierarchyEnergy MODEL = MemoryHierarchyEnergy.eyeriss();

    private static Workload half(Operation operation, Pass pass) {
        return new Workload(operation, pass, DataType.F16, MathMode.DEFAULT, Layout.NCHW);
    }

    private static Convolution square(int n, int c, int k, int side, int groups) {
        return new Convolution(n, c, side, side, k, 3, 3, Extent.of(1), Extent.of(1), Extent.of(1), groups);
    }

    private static double joules(MemoryHierarchyEnergy model, Workload workload) {
        return model.joules(workload);
    }

    @Test
    void anAccessCostsWhatItsLevelCosts() {
        Accesses accesses = new Accesses(1000, 3000, 500, 100, 10);

        assertThat(accesses.energy(Units.EYERISS)).isEqualTo(7600, within(1e-9));
    }

    @Test
    void whatFitsTheBufferIsFetchedAndWrittenOnceInEveryPass() {
        Convolution small = square(1, 4, 6, 8, 1);
        double tensors = 4 * 64 + 6 * 64 + 6 * 4 * 9;

        for (Pass pass : small.passes(true)) {
            assertThat(MODEL.accesses(half(small, pass)).memory())
                    .as(pass.text())
                    .isEqualTo(tensors);
        }
    }

    @Test
    void accessesFollowTheFormulasWhereOneTileHoldsEverything() {
        // K=6, C=4, R=S=3, P=Q=8: 13,824 multiply-accumulates.
        Convolution small = square(1, 4, 6, 8, 1);
        double macs = 13_824;

        Accesses forward = MODEL.accesses(half(small, Pass.FORWARD));

        assertThat(forward.macs()).isEqualTo(macs);
        assertThat(forward.registerFile()).isEqualTo(3 * macs);
        assertThat(forward.network()).isEqualTo(macs / 3);
        assertThat(forward.buffer()).isEqualTo(macs / (9 * 14) + macs / 8 + 2 * macs / (9 * 12), within(1e-6));
        assertThat(MODEL.accesses(half(small, Pass.BACKWARD_DATA)).buffer())
                .isEqualTo(2 * macs / (9 * 14) + macs / 8 + macs / (9 * 12), within(1e-6));
        assertThat(MODEL.accesses(half(small, Pass.BACKWARD_WEIGHTS)).buffer())
                .isEqualTo(macs / (9 * 14) + 2 * macs / 8 + macs / (9 * 12), within(1e-6));
    }

    @Test
    void theTilingIsNearlyAsGoodAsTheBestOfAll() {
        Array tiny = new Array(14, 12, 600);
        MemoryHierarchyEnergy model = new MemoryHierarchyEnergy(Units.EYERISS, tiny, 1e-12, 1, 1);
        for (Convolution layer :
                new Convolution[] {square(1, 5, 7, 9, 1), square(1, 12, 11, 8, 1), square(1, 3, 24, 14, 1)}) {
            double best = bestMemory(layer, 600);

            double found = model.accesses(half(layer, Pass.FORWARD)).memory();

            assertThat(found).isGreaterThanOrEqualTo(best).isLessThanOrEqualTo(1.3 * best);
        }
    }

    /** The twin: every tile of every size, by the formula of the forward pass. */
    private static double bestMemory(Convolution o, int words) {
        double best = Double.POSITIVE_INFINITY;
        int rows = o.outputHeight();
        for (int k = 1; k <= o.k(); k++) {
            for (int c = 1; c <= o.c(); c++) {
                for (int p = 1; p <= rows; p++) {
                    int height = Math.min(o.h(), p + 2);
                    if (c * height * o.w() + k * c * 9 + k * p * o.outputWidth() <= words) {
                        double moved = o.k() * o.c() * 9 * Math.ceil((double) rows / p)
                                + o.c() * o.h() * o.w() * Math.ceil((double) o.k() / k)
                                + o.k() * rows * o.outputWidth() * (2 * Math.ceil((double) o.c() / c) - 1);
                        best = Math.min(best, moved);
                    }
                }
            }
        }
        return best;
    }

    @Test
    void energyScalesWithTheDensityOfWeightsButNotToZero() {
        Workload layer = half(square(1, 64, 64, 16, 1), Pass.FORWARD);
        double dense = joules(MODEL, layer);
        double sparse = joules(MODEL.withDensities(0.5, 1), layer);
        double almostEmpty = joules(MODEL.withDensities(1e-9, 1), layer);

        assertThat(sparse).isLessThan(dense);
        assertThat(almostEmpty).isLessThan(sparse).isGreaterThan(0.02 * dense);
        assertThat(joules(MODEL.withDensities(0.5, 0.5), layer)).isLessThan(sparse);
    }

    @Test
    void ofLayersWithEqualArithmeticTheOneThatMovesMoreCostsMore() {
        Convolution convolution = square(1, 16, 16, 20, 1);
        Linear linear = new Linear(1, 960, 960);
        assertThat(linear.macs()).isEqualTo(convolution.macs());

        assertThat(joules(MODEL, half(linear, Pass.FORWARD)))
                .isGreaterThan(5 * joules(MODEL, half(convolution, Pass.FORWARD)));
    }

    @Test
    void imagesAndGroupsAddUp() {
        double one = joules(MODEL, half(square(1, 8, 8, 16, 1), Pass.FORWARD));

        assertThat(joules(MODEL, half(square(32, 8, 8, 16, 1), Pass.FORWARD)))
                .isCloseTo(32 * one, withPercentage(1e-9));
        assertThat(joules(MODEL, half(square(1, 32, 32, 16, 4), Pass.FORWARD)))
                .isCloseTo(4 * one, withPercentage(1e-9));
    }

    @Test
    void aNarrowerLayerNeverCostsMore() {
        for (Pass pass : square(1, 8, 8, 16, 1).passes(true)) {
            double before = 0;
            for (int width = 1; width <= 96; width++) {
                double now = joules(MODEL, half(square(1, 64, width, 16, 1), pass));
                assertThat(now).as("%d channels, %s", width, pass.text()).isGreaterThanOrEqualTo(before);
                before = now;
            }
        }
    }

    @Test
    void widerDataCostsMoreTraffic() {
        Convolution small = square(1, 4, 6, 8, 1);
        Accesses accesses = MODEL.accesses(half(small, Pass.FORWARD));
        double arithmetic = accesses.macs() * 1.5e-12;

        double half = joules(MODEL, half(small, Pass.FORWARD));
        double single = joules(MODEL, Workload.of(small, Pass.FORWARD));

        assertThat(single - arithmetic).isCloseTo(2 * (half - arithmetic), withPercentage(1e-6));
    }

    @Test
    void anElementwiseOperationMovesItsElementsOnce() {
        Activation relu = new Activation(2, 3, 4, 5, ActivationKind.RELU);

        assertThat(MODEL.accesses(half(relu, Pass.BACKWARD))).isEqualTo(new Accesses(0, 240, 0, 240, 240));
    }

    @Test
    void joulesNameTheModel() {
        assertThat(MODEL.name()).isEqualTo("memory-hierarchy energy, 1.50 pJ a MAC, assumed");
    }

    @Test
    void impossibleParametersAreRefused() {
        assertThatThrownBy(() -> MODEL.withDensities(0, 1)).hasMessageContaining("densities 0.0");
        assertThatThrownBy(() -> new Array(14, 0, 1)).hasMessageContaining("14 x 0");
        assertThatThrownBy(() -> new Units(1, 1, 2, 6, -200)).hasMessageContaining("-200");
        assertThatThrownBy(() -> new MemoryHierarchyEnergy(Units.EYERISS, Array.EYERISS, 0, 1, 1))
                .hasMessageContaining("0.0 J");
    }
}
