package org.secateur.results.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

class RunLogTest {
    @TempDir
    Path directory;

    private static final Run RUN = new Run(
            "run-resnet8-shapes-12345678",
            "run",
            new TreeMap<>(Map.of("network", "resnet8", "data", "shapes")),
            7,
            List.of("run", "--network", "a \"b\" c"),
            Samples.NOON,
            RunStatus.RUNNING);

    @Test
    void aRunIsKeptWithItsResult() {
        try (Store store = open()) {
            store.runs().save(RUN);
            assertThat(store.runs().result(RUN.id())).isEmpty();
            store.runs().finish(RUN.id(), RunStatus.DONE, "{\"schema\":1}");
        }
        try (Store store = open()) {
            Run run = store.runs().run(RUN.id()).orElseThrow();
            assertThat(run.status()).isEqualTo(RunStatus.DONE);
            assertThat(run.arguments()).isEqualTo(RUN.arguments());
            assertThat(run.subject()).isEqualTo(RUN.subject());
            assertThat(store.runs().result(RUN.id())).contains("{\"schema\":1}");
            assertThat(store.runs().run("another")).isEmpty();
        }
    }

    @Test
    void aRunThatContinuesGoesBackToItsCheckpointsEvent() {
        try (Store store = open()) {
            RunLog log = store.runs();
            log.save(RUN);
            assertThat(log.append(RUN.id(), "epoch", "{\"n\":1}")).isEqualTo(1);
            long checkpoint = log.append(RUN.id(), "epoch", "{\"n\":2}");
            log.append(RUN.id(), "epoch", "{\"n\":3}");
            log.save(RUN);
            log.rewind(RUN.id(), checkpoint);
            log.append(RUN.id(), "plan", "{\"n\":4}");
            assertThat(log.events(RUN.id()))
                    .containsExactly(
                            new RunEvent(1, "epoch", "{\"n\":1}"),
                            new RunEvent(2, "epoch", "{\"n\":2}"),
                            new RunEvent(3, "plan", "{\"n\":4}"));
        }
    }

    @Test
    void aPlanKeepsWhatItPredictedAndLaterWhatWasMeasured() {
        Quantity predicted = Quantity.derived(new Estimate(0.1, 0.09, 0.11, 0.95, 9));
        Quantity measured = Quantity.measured(new Estimate(0.12, 0.11, 0.13, 0.95, 9));
        try (Store store = open()) {
            RunLog log = store.runs();
            log.save(RUN);
            log.savePlan("plan-1", RUN.id(), "{\"widths\":{}}", predicted);
            assertThat(log.plans(RUN.id()).getFirst().measuredSeconds()).isInstanceOf(Quantity.Missing.class);
            log.planMeasured("plan-1", measured);
            log.savePlan("plan-1", RUN.id(), "{\"widths\":{}}", predicted);
            assertThat(log.plans(RUN.id()))
                    .containsExactly(new StoredPlan("plan-1", RUN.id(), "{\"widths\":{}}", predicted, measured));
        }
    }

    @Test
    void whatIsNotJsonOrNotThereIsTheCallersMistake() {
        try (Store store = open()) {
            RunLog log = store.runs();
            log.save(RUN);
            assertThatThrownBy(() -> log.append(RUN.id(), "epoch", "{torn"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.finish("other", RunStatus.DONE, "{}"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("run other");
            assertThatThrownBy(() -> log.planMeasured("p", Quantity.unavailable("none")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("plan p");
        }
    }

    private Store open() {
        return Store.open(directory.resolve("store.db"));
    }
}
