package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.harness.cli.AskedRatio.Outcome;
import org.secateur.harness.cli.Throughput.Row;
import org.secateur.harness.cli.Throughput.Subject;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Layout;

/** On a device whose steps take what the test says. */
final class ThroughputTest {
    private static final double NCHW = 0.2;

    private final SimulatedDevice device = new SimulatedDevice(workload -> 1e-3, Disturbance.NONE, 1);
    private final List<String> told = new ArrayList<>();

    /** Steps of these seconds in NCHW, and in the plain loop, in NHWC and in BF16. */
    private Throughput measured(double plain, double channelsLast, double brainFloat) {
        Throughput.Steps steps = new Throughput.Steps() {
            @Override
            public Kernel engine(Subject subject, Arithmetic arithmetic) {
                boolean half = arithmetic.dataType() == DataType.BF16;
                return device.kernel(half ? brainFloat : arithmetic.layout() == Layout.NCHW ? NCHW : channelsLast);
            }

            @Override
            public Kernel plain(Subject subject) {
                return device.kernel(plain);
            }
        };
        return Throughput.measure(
                device,
                device.surroundings(),
                List.of(new Subject("resnet8", 32, 4)),
                steps,
                brainFloat > 0,
                SamplerOptions.rough(),
                1,
                told::add);
    }

    @ParameterizedTest
    @CsvSource({
        "0.2, 0.15, 0, REACHED, REACHED, DONE",
        "0.2, 0.17, 0, REACHED, MISSED, FAILED",
        "0.195, 0.15, 0, MISSED, REACHED, FAILED",
        "0.25, 0.15, 0, REACHED, REACHED, DONE",
        "0.2, 0.15, 0.12, REACHED, REACHED, DONE",
        "0.2, 0.15, 0.13, REACHED, REACHED, FAILED"
    })
    void eachRatioHasItsLimit(
            double plain, double channelsLast, double brainFloat, Outcome ofPlain, Outcome ofChosen, ExitCode exit) {
        Throughput found = measured(plain, channelsLast, brainFloat);
        Row row = found.rows().get(0);
        assertThat(row.plain().outcome()).isEqualTo(ofPlain);
        assertThat(row.chosen().get(0).ratio().outcome()).isEqualTo(ofChosen);
        assertThat(row.chosen().get(0).arithmetic().layout()).isEqualTo(Layout.NHWC);
        assertThat(row.chosen()).hasSize(brainFloat > 0 ? 2 : 1);
        assertThat(found.exit()).isEqualTo(exit);
        assertThat(device.open()).isZero();
    }

    /** Where channels last is slower, what is chosen is what it is compared with. */
    @Test
    void theFasterLayoutIsTheOneThatIsChosen() {
        Row row = measured(0.2, 0.3, 0).rows().get(0);
        assertThat(row.chosen().get(0).arithmetic()).isEqualTo(Arithmetic.DEFAULT);
        assertThat(row.chosen().get(0).ratio().outcome()).isEqualTo(Outcome.MISSED);
    }

    @Test
    void itIsToldToPeopleAndPrograms() {
        Throughput found = measured(0.2, 0.15, 0.12);
        String document = Json.write(found.json(Json.device(device)));
        assertThat(Run.problems(document, "bench-throughput")).isEmpty();
        assertThat(document).contains("bf16", "REACHED");
        assertThat(found.text()).contains("resnet8", "plain loop", "nhwc f32", "nhwc bf16", "0.800", "0.625", "1.020");
        assertThat(told).anyMatch(line -> line.startsWith("resnet8: nchw f32 / plain loop 1.000"));
    }
}
