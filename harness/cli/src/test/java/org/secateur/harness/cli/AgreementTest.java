package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class AgreementTest {
    /** 24 workloads of a second each by the sampler, and so many times that by JMH. */
    private static Agreement of(IntToDoubleFunction ratio) {
        List<String> workloads =
                IntStream.range(0, 24).mapToObj(String::valueOf).toList();
        return Agreement.measure(
                workloads,
                1,
                workload -> List.of(ratio.applyAsDouble(Integer.parseInt(workload))),
                workload -> List.of(1.0),
                (each, done) -> {});
    }

    @Test
    void twentyTwoOfTwentyFourMustBeCloseAndAllNearlySo() {
        Agreement two = of(i -> i < 2 ? 1.05 : 0.98);
        assertThat(two.within(Agreement.CLOSE)).isEqualTo(22);
        assertThat(two.agrees()).isTrue();
        assertThat(of(i -> i < 3 ? 1.05 : 1.0).agrees()).isFalse();
        assertThat(of(i -> i == 7 ? 0.93 : 1.0).agrees()).isFalse();
        assertThat(of(i -> 1.031).agrees()).isFalse();
    }

    @Test
    void theRatioIsThatOfTheMediansOverAllForks() {
        List<List<Double>> jmh = new ArrayList<>(List.of(List.of(2.0, 2.2, 9.0), List.of(2.1, 1.9)));
        List<List<Double>> sampler = new ArrayList<>(List.of(List.of(2.0), List.of(2.0, 5.0)));
        Agreement.Compared compared = Agreement.measure(
                        List.of("w"), 2, w -> jmh.remove(0), w -> sampler.remove(0), (each, done) -> {})
                .workloads()
                .get(0);
        assertThat(compared.jmhSeconds()).hasSize(5);
        assertThat(compared.ratio()).isCloseTo(1.05, within(1e-12));
    }

    @Test
    void bothTakeTurnsInGoingFirst() {
        List<String> order = new ArrayList<>();
        Agreement.measure(
                List.of("w"),
                3,
                w -> {
                    order.add("jmh");
                    return List.of(1.0);
                },
                w -> {
                    order.add("sampler");
                    return List.of(1.0);
                },
                (each, done) -> order.add("done"));
        assertThat(order).containsExactly("jmh", "sampler", "sampler", "jmh", "jmh", "sampler", "done");
    }

    @Test
    void theTextCountsBothLimits() {
        assertThat(AgreementDocument.text(1, of(i -> i < 2 ? 1.05 : 0.98)))
                .contains("ratio of medians within 3 %: 22 of 24, within 6 %: 24 of 24: JMH and the sampler agree\n")
                .contains("1 forks each, 1 iterations of JMH and 1 blocks of the sampler");
    }
}
