package org.secateur.results.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;

class OperationTest {
    private static Convolution convolution(int c, int h, int k, int r, int stride, int padding, int groups) {
        return new Convolution(2, c, h, h, k, r, r, Extent.of(stride), Extent.of(padding), Extent.of(1), groups);
    }

    /** Counts the products that the definition of a convolution sums up. */
    private static long macsByCounting(Convolution o) {
        long macs = 0;
        for (int image = 0; image < o.n(); image++) {
            for (int k = 0; k < o.k(); k++) {
                for (int y = 0;
                        y + o.r() <= o.h() + 2 * o.padding().height();
                        y += o.stride().height()) {
                    for (int x = 0;
                            x + o.s() <= o.w() + 2 * o.padding().width();
                            x += o.stride().width()) {
                        macs += (long) o.c() / o.groups() * o.r() * o.s();
                    }
                }
            }
        }
        return macs;
    }

    @Test
    void macsOfAConvolutionAreThoseThatItsDefinitionSums() {
        for (Convolution o : new Convolution[] {
            convolution(16, 32, 16, 3, 1, 1, 1),
            convolution(16, 32, 32, 3, 2, 1, 1),
            convolution(16, 9, 32, 1, 2, 0, 1),
            convolution(8, 7, 8, 3, 1, 1, 8),
        }) {
            assertThat(o.macs()).as("%s", o).isEqualTo(macsByCounting(o));
        }
    }

    @Test
    void aStrideThatDoesNotDivideRoundsTheOutputDown() {
        assertThat(convolution(1, 32, 1, 3, 2, 1, 1).outputHeight()).isEqualTo(16);
        assertThat(convolution(1, 7, 1, 3, 2, 0, 1).outputHeight()).isEqualTo(3);
        assertThat(new IndexMap(1, 1, 7, 8, 1, 1, Extent.of(2)).outputHeight()).isEqualTo(4);
    }

    /** Seventeen pixels under a window of two neighbours that are three apart. */
    @Test
    void aDilatedWindowReachesOverMore() {
        Pooling pool = new Pooling(
                1, 1, 17, 4, PoolingKind.MAX, Extent.of(2), Extent.of(1), Extent.of(0), false, Extent.of(3));
        assertThat(pool.outputHeight()).isEqualTo(14);
        assertThat(pool.outputWidth()).isEqualTo(1);
    }

    @Test
    void aPadMovesTheImageAndWritesTheLargerOne() {
        Pad pad = new Pad(2, 3, 5, 4, new Extent(0, 1), new Extent(2, 3));
        assertThat(pad.outputHeight()).isEqualTo(7);
        assertThat(pad.outputWidth()).isEqualTo(8);
        assertThat(pad.elementsMoved()).isEqualTo(6 * (20 + 56));
    }

    @Test
    void anActivationIsCutAtBothBounds() {
        ActivationKind kind = new ActivationKind(-1, 2);
        assertThat(new double[] {kind.of(-3), kind.of(-1), kind.of(0.5), kind.of(7)})
                .containsExactly(-1, -1, 0.5, 2);
        assertThatThrownBy(() -> new ActivationKind(1, 1)).hasMessageContaining("expected the first below the second");
        assertThat(ActivationKind.parse(kind.text())).isEqualTo(kind);
    }

    @Test
    void theLayerThatReadsTheImageHasNoBackwardData() {
        assertThat(new Linear(1, 2, 3).passes(false)).containsExactly(Pass.FORWARD, Pass.BACKWARD_WEIGHTS);
        assertThat(new Linear(1, 2, 3).passes(true))
                .containsExactly(Pass.FORWARD, Pass.BACKWARD_DATA, Pass.BACKWARD_WEIGHTS);
        assertThat(new OptimizerStep(5, 1).passes(true)).containsExactly(Pass.UPDATE);
    }

    @Test
    void impossibleShapesAreRefusedWithTheirValue() {
        assertThatThrownBy(() -> convolution(0, 8, 8, 3, 1, 1, 1)).hasMessageContaining("0");
        assertThatThrownBy(() -> convolution(6, 8, 8, 3, 1, 1, 4)).hasMessageContaining("groups=4");
        assertThatThrownBy(() -> convolution(6, 2, 8, 5, 1, 1, 1)).hasMessageContaining("smaller than its kernel");
        assertThatThrownBy(() -> new IndexMap(1, 4, 8, 8, 4, 5, Extent.of(1))).hasMessageContaining("0..4");
        assertThatThrownBy(() -> Workload.of(new Linear(1, 1, 1), Pass.BACKWARD))
                .hasMessageContaining("backward");
    }
}
