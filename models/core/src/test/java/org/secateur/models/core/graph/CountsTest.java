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

    /** torchvision's figures ({@code num_params} and GFLOPS of its weights' documentation) at 224 pixels, 1000 classes. */
    @ParameterizedTest
    @CsvSource({
        "alexnet, 61100840, 0.714",
        "vgg11-nobn, 132863336, 7.609",
        "vgg13-nobn, 133047848, 11.308",
        "vgg16-nobn, 138357544, 15.470",
        "vgg19-nobn, 143667240, 19.632",
        "vgg19, 143678248, 19.632",
        "resnet18, 11689512, 1.814",
        "resnet34, 21797672, 3.664",
        "resnet50, 25557032, 4.089",
        "resnet101, 44549160, 7.801",
        "resnet152, 60192808, 11.514",
        "googlenet, 6624904, 1.498",
        "squeezenet, 1248424, 0.819",
        "densenet121, 7978856, 2.834",
        "mobilenetv2, 3504872, 0.301"
    })
    void largeNetworksHaveTorchvisionsCounts(String name, long parameters, double billions) {
        Counts counts = Counts.of(Zoo.network(name, Optional.of(new Shape(3, 224, 224)), OptionalInt.of(1000)));
        assertThat(counts.parameters().total()).isEqualTo(parameters);
        assertThat((counts.macs().convolution() + counts.macs().linear()) / 1e9).isCloseTo(billions, within(0.0005));
    }

    /**
     * MobileNetV1: 569 million multiply-adds (Howard et al. 2017, table 8); Keras counts 4,231,976 trained parameters.
     * Pre-activation ResNet-164: 1.7 million (He et al. 2016). WRN-40-2: 2.2 million (Zagoruyko and Komodakis 2016, table
     * 5), 2,243,546 in public lists. DenseNet-40 with growth 12: 1.0 million (Huang et al. 2017, table 2), 1.02 million
     * and 5.33e8 operations, two a multiply-accumulate and all layers counted (Liu et al. 2017, table 1), as
     * ResNet-164's 1.70 million and 4.99e8 and VGG-19's 20.04 million and 7.97e8.
     */
    @ParameterizedTest
    @CsvSource({
        "mobilenetv1, 4231976, 569, 0.5",
        "preresnet164, 1703258, 249.5, 2",
        "wideresnet40-2, 2243546, 328, 0.5",
        "densenet40, 1019722, 266.5, 2",
        "vgg19, 20040522, 398.5, 0.5"
    })
    void otherNetworksHaveTheirPapersCounts(String name, long parameters, double millions, double tolerance) {
        Counts counts = Counts.of(Zoo.network(name));
        assertThat(counts.parameters().total()).isEqualTo(parameters);
        assertThat((counts.macs().convolution() + counts.macs().linear()) / 1e6).isCloseTo(millions, within(tolerance));
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
