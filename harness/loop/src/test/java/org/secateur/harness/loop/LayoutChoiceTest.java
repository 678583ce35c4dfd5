package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.harness.loop.LayoutChoice.By;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Layout;
import org.secateur.results.core.SecateurException;

class LayoutChoiceTest {
    @TempDir
    Path directory;

    private static LayoutChoice measured(double nchwSeconds, double nhwcSeconds) {
        Bench bench = new Bench(workload -> 1);
        return LayoutChoice.measured(
                bench.device,
                bench.device.surroundings(),
                layout -> bench.device.kernel(layout == Layout.NCHW ? nchwSeconds : nhwcSeconds),
                1);
    }

    @ParameterizedTest
    @CsvSource({"0.2, 0.15, NHWC, 0.75", "0.2, 0.25, NCHW, 1.25", "0.2, 0.2, NCHW, 1"})
    void theFasterLayoutIsTaken(double nchw, double nhwc, Layout faster, double ratio) {
        LayoutChoice choice = measured(nchw, nhwc);
        assertThat(choice.layout()).isEqualTo(faster);
        assertThat(choice.by()).isEqualTo(By.MEASURED);
        assertThat(Objects.requireNonNull(choice.ratio()).value()).isCloseTo(ratio, within(1e-6));
        // Six pairs at least, and what warms them up.
        assertThat(choice.seconds()).isBetween(6 * (nchw + nhwc), 40 * (nchw + nhwc));
    }

    /** BF16 has to be faster by all of the interval, and brings its layout along unless that was named. */
    @ParameterizedTest
    @CsvSource({
        "MEASURED, true, 0.1, NHWC, BF16",
        "OPTION, true, 0.1, NCHW, BF16",
        "MEASURED, true, 0.2, NCHW, F32",
        "MEASURED, true, 0.3, NCHW, F32",
        "MEASURED, false, 0.1, NCHW, F32"
    })
    void theFasterTypeIsTakenWhereTheProcessorHasIt(
            By by, boolean hasBrainFloat, double brainFloat, Layout layout, DataType type) {
        Bench bench = new Bench(workload -> 1);
        LayoutChoice choice = new LayoutChoice(Layout.NCHW, by, null, 1.5)
                .withFasterType(
                        bench.device,
                        bench.device.surroundings(),
                        hasBrainFloat,
                        (in, of) -> bench.device.kernel(of == DataType.BF16 ? brainFloat : 0.2),
                        1);
        assertThat(choice.layout()).isEqualTo(layout);
        LayoutChoice.Type chosen = Objects.requireNonNull(choice.type());
        assertThat(chosen.dataType()).isEqualTo(type);
        assertThat(chosen.ratio() == null).isEqualTo(!hasBrainFloat);
        assertThat(choice.choosingSeconds() - 1.5).isEqualTo(chosen.seconds());
        assertThat(chosen.seconds() > 0).isEqualTo(hasBrainFloat);
        assertThat(chosen.text()).startsWith(type.text() + ": ");
        Path file = directory.resolve("layout.json");
        choice.write(file);
        assertThat(LayoutChoice.read(file)).isEqualTo(choice);
    }

    @Test
    void aChoiceComesBackAsItWasWritten() {
        Path file = directory.resolve("layout.json");
        for (LayoutChoice choice : new LayoutChoice[] {measured(0.3, 0.1), LayoutChoice.named(Layout.NCHW, By.PLAN)}) {
            choice.write(file);
            assertThat(LayoutChoice.read(file)).isEqualTo(choice);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{}", "{\"layout\": \"NCHW\"", "{\"layout\": \"CHWN\", \"by\": \"PLAN\", \"seconds\": 0}"})
    void whatIsNoChoiceIsRefused(String text) throws Exception {
        Path file = directory.resolve("layout.json");
        Files.writeString(file, text);
        assertThatThrownBy(() -> LayoutChoice.read(file))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("layout.json")
                .extracting(e -> ((SecateurException) e).exit())
                .isEqualTo(ExitCode.BAD_INPUT);
    }
}
