package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.harness.loop.PlanRecord.Decision;
import org.secateur.harness.loop.PlanRecord.Removal;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Layout;
import org.secateur.results.core.SecateurException;

class PlansTest {
    @TempDir
    Path directory;

    private static List<PlanRecord> plans() {
        Map<String, List<Integer>> kept = new LinkedHashMap<>();
        kept.put("b", List.of(0, 2, 5));
        kept.put("a", List.of());
        return List.of(
                new PlanRecord(
                        1,
                        kept,
                        List.of(new Removal("b", 8, 3, 2, 0.125), new Removal("a", 16, 0, 16, 1.0 / 3)),
                        "seconds",
                        0.1,
                        1.0 / 7,
                        1e-17,
                        true,
                        1.0625,
                        0.08,
                        0.25,
                        null,
                        0.0793,
                        7,
                        Decision.ACCEPTED,
                        "a \"reason\" – with signs",
                        Layout.NHWC),
                new PlanRecord(
                        3,
                        Map.of(),
                        List.of(),
                        "macs",
                        1e12,
                        1e12,
                        0,
                        false,
                        1,
                        null,
                        0,
                        3.5,
                        null,
                        0,
                        Decision.REJECTED,
                        "nothing to remove",
                        Layout.NCHW));
    }

    @Test
    void plansComeBackAsTheyWereWritten() {
        Path file = directory.resolve("plans.json");
        Plans.write(plans(), file);
        assertThat(Plans.read(file)).isEqualTo(plans());
        assertThat(Plans.read(file).getFirst().kept().keySet()).containsExactly("b", "a");
        assertThat(directory).isDirectoryNotContaining(p -> p.toString().endsWith(".part"));
    }

    @Test
    void aTruncatedFileIsRefused() throws Exception {
        Path file = directory.resolve("plans.json");
        Plans.write(plans(), file);
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            refused(file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{}", "[{}]", "[null]", "[1]", "{\"plans\": []}"})
    void whatIsNoListOfPlansIsRefused(String text) throws Exception {
        Path file = directory.resolve("plans.json");
        Files.writeString(file, text);
        refused(file);
    }

    @Test
    void aFileThatDoesNotExistIsRefused() {
        refused(directory.resolve("nonesuch.json"));
        refused(directory);
    }

    private static void refused(Path file) {
        assertThatThrownBy(() -> Plans.read(file))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining(file.toString())
                .extracting(e -> ((SecateurException) e).exit())
                .isEqualTo(ExitCode.BAD_INPUT);
    }
}
