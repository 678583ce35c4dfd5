package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.graph.HostTensor;

@Tag("native")
class RepeatabilityTest {
    @TempDir
    Path directory;

    @Test
    void twoRunsInOneProcessAgreeToTheBit() {
        Checkpoint first = SeededRun.run(directory.resolve("a"), 0, SeededRun.STEPS);
        Checkpoint second = SeededRun.run(directory.resolve("b"), 0, SeededRun.STEPS);
        assertThat(second).isEqualTo(first);
        assertThat(first.network()).isEqualTo(TestNetworks.small(13, 40));
        HostTensor weight = first.state().parameter("conv2.weight");
        assertThat(weight)
                .isNotEqualTo(SeededRun.run(directory.resolve("c"), 0, SeededRun.STEPS - 1)
                        .state()
                        .parameter("conv2.weight"));
    }

    @Test
    void aRunContinuedFromAnyCheckpointAgreesToTheBit() {
        Checkpoint whole = SeededRun.run(directory.resolve("whole"), 0, SeededRun.STEPS);
        for (int cut : new int[] {2, SeededRun.SURGERY, 7}) {
            Path file = directory.resolve("cut" + cut);
            SeededRun.run(file, 0, cut);
            assertThat(SeededRun.run(file, cut, SeededRun.STEPS))
                    .as("cut at " + cut)
                    .isEqualTo(whole);
        }
    }
}
