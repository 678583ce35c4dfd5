package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

@Tag("native")
class RepeatabilityTest {
    @TempDir
    Path directory;

    /** The layout of all tensors; another class has the other. */
    Layout layout() {
        return Layout.NCHW;
    }

    private Checkpoint run(String file, int first, int last) {
        return SeededRun.run(directory.resolve(file), first, last, new TensorFormat(DataType.F32, layout()));
    }

    @Test
    void twoRunsInOneProcessAgreeToTheBit() {
        Checkpoint first = run("a", 0, SeededRun.STEPS);
        Checkpoint second = run("b", 0, SeededRun.STEPS);
        assertThat(second).isEqualTo(first);
        assertThat(first.network()).isEqualTo(TestNetworks.small(13, 40));
        HostTensor weight = first.state().parameter("conv2.weight");
        assertThat(weight).isNotEqualTo(run("c", 0, SeededRun.STEPS - 1).state().parameter("conv2.weight"));
    }

    @Test
    void aRunContinuedFromAnyCheckpointAgreesToTheBit() {
        Checkpoint whole = run("whole", 0, SeededRun.STEPS);
        for (int cut : new int[] {2, SeededRun.SURGERY, 7}) {
            String file = "cut" + cut;
            run(file, 0, cut);
            assertThat(run(file, cut, SeededRun.STEPS)).as("cut at " + cut).isEqualTo(whole);
        }
    }
}
