package org.secateur.models.core.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CandidatesTest {
    @Test
    void aStaircaseLeavesItsEdges() {
        int[] widths = IntStream.rangeClosed(1, 64).toArray();
        double[][] costs = IntStream.of(widths)
                .mapToObj(w -> new double[] {Math.ceilDiv(w, 16), 2.0 * Math.ceilDiv(w, 16)})
                .toArray(double[][]::new);

        assertThat(Candidates.of(widths, 64, costs, 0.02)).containsExactly(16, 32, 48, 64);
        assertThat(Candidates.of(widths, 50, costs, 0.02)).containsExactly(16, 32, 48, 50, 64);
    }

    @Test
    void aWidthThatCostsMoreThanAWiderOneGoes() {
        assertThat(Candidates.of(new int[] {96, 112, 128}, 128, new double[][] {{4.1}, {8.3}, {8.0}}, 0))
                .containsExactly(96, 128);
    }

    @Test
    void aWidthStaysThatIsCheaperBesideOneNeighbourOnly() {
        assertThat(Candidates.of(new int[] {96, 112, 128}, 128, new double[][] {{4, 4}, {8.3, 7}, {8, 8}}, 0))
                .containsExactly(96, 112, 128);
    }

    @Test
    void differencesWithinTheErrorAreNoneAndTiesGoWider() {
        assertThat(Candidates.of(new int[] {8, 12, 16}, 16, new double[][] {{0.995}, {1}, {1}}, 0.01))
                .containsExactly(16);
        assertThat(Candidates.of(new int[] {8, 12, 16}, 16, new double[][] {{0.995}, {1}, {1}}, 0))
                .containsExactly(8, 16);
    }

    @Test
    void aSlowDescentIsNotDominatedAwayStepByStep() {
        int[] widths = IntStream.rangeClosed(1, 100).toArray();
        double[][] costs =
                IntStream.of(widths).mapToObj(w -> new double[] {1 + 0.005 * w}).toArray(double[][]::new);

        int[] candidates = Candidates.of(widths, 100, costs, 0.02);

        assertThat(candidates).hasSizeBetween(5, Candidates.MOST).endsWith(100);
        assertThat(candidates[0]).isLessThan(6);
    }

    @Test
    void moreThanSixteenAreThinnedOutWhereLeastIsSaved() {
        int[] widths = IntStream.rangeClosed(0, 40).toArray();
        double[][] costs = IntStream.of(widths)
                .mapToObj(w -> new double[] {w + (w > 20 ? 50 : 0)})
                .toArray(double[][]::new);

        int[] candidates = Candidates.of(widths, 33, costs, 0);

        assertThat(candidates).hasSize(16).contains(0, 20, 33, 40);
    }

    @Test
    void liveChannelsThatAreNotAmongTheWidthsAreRefused() {
        assertThatThrownBy(() -> Candidates.of(new int[] {8, 16}, 12, new double[][] {{1}, {2}}, 0))
                .hasMessageContaining("12 live channels");
    }
}
