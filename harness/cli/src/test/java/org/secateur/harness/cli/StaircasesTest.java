package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;

final class StaircasesTest {
    @Test
    void theHeaviestConvolutionComesFirstAtEightWidths() {
        List<Workload> workloads = Staircases.workloads(Zoo.network("vgg11"), 32, Arithmetic.DEFAULT);
        assertThat(workloads).doesNotHaveDuplicates().allMatch(workload -> workload.pass() == Pass.FORWARD);
        List<Convolution> first = workloads.subList(0, 8).stream()
                .map(workload -> (Convolution) workload.operation())
                .toList();
        assertThat(first).extracting(Convolution::k).containsExactly(32, 64, 96, 128, 160, 192, 224, 256);
        assertThat(first).extracting(Convolution::c).containsOnly(256);
        assertThat(first).extracting(Convolution::h).containsOnly(8);
        assertThat(first).extracting(Convolution::n).containsOnly(32);
    }

    @Test
    void aConvolutionOfFewChannelsHasFewWidths() {
        assertThat(Staircases.workloads(Zoo.network("resnet20"), 8, Arithmetic.DEFAULT).stream()
                        .map(workload -> (Convolution) workload.operation())
                        .filter(convolution -> convolution.c() == 3)
                        .map(Convolution::k))
                .containsExactly(2, 4, 6, 8, 10, 12, 14, 16);
    }
}
