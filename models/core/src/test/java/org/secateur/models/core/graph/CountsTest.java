package org.secateur.models.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.models.core.zoo.Zoo;

/** Published figures of the papers and of the public implementations. */
class CountsTest {

    @ParameterizedTest
    @CsvSource({"resnet20, 40.55", "resnet32, 68.86", "resnet56, 125.49", "resnet110, 252.89"})
    void cifarResNetsHaveThePublishedMultiplyAccumulates(String name, double millions) {
        Counts.Count macs = Counts.of(Zoo.network(name)).macs();
        assertThat((macs.convolution() + macs.linear()) / 1e6).isCloseTo(millions, within(0.005));
    }

    @ParameterizedTest
    @CsvSource({
        "resnet20, 269722",
        "resnet20-proj, 272474",
        "resnet32, 464154",
        "resnet44, 658586",
        "resnet56, 853018",
        "resnet110, 1727962",
        "vgg11, 9231114",
        "vgg16, 14728266"
    })
    void cifarNetworksHaveThePublishedParameters(String name, long parameters) {
        assertThat(Counts.of(Zoo.network(name)).parameters().total()).isEqualTo(parameters);
    }

    @ParameterizedTest
    @CsvSource({"vgg11-nobn, 132863336", "vgg11, 132868840", "vgg13, 133053736", "vgg16, 138365992"})
    void largeVggsHaveTorchvisionsParameters(String name, long parameters) {
        Network network = Zoo.network(name, Optional.of(new Shape(3, 224, 224)), OptionalInt.of(1000));
        assertThat(Counts.of(network).parameters().total()).isEqualTo(parameters);
    }

    @Test
    void layersAddUpToTheWhole() {
        Counts counts = Counts.of(Zoo.network("resnet8-proj"));
        assertThat(counts.layers().stream().mapToLong(l -> l.macs().total()).sum())
                .isEqualTo(counts.macs().total());
        assertThat(counts.layers().stream()
                        .mapToLong(l -> l.parameters().total())
                        .sum())
                .isEqualTo(counts.parameters().total());
        assertThat(counts.layers().get(0)).satisfies(l -> {
            assertThat(l.name()).isEqualTo("conv1");
            assertThat(l.macs()).isEqualTo(new Counts.Count(3 * 16 * 9 * 1024, 0, 0));
            assertThat(l.parameters()).isEqualTo(new Counts.Count(432, 0, 0));
        });
        assertThat(counts.layers().get(1).macs()).isEqualTo(new Counts.Count(0, 0, 16 * 1024));
    }
}
