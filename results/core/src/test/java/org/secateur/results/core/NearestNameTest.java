package org.secateur.results.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
    private static final List<String> KNOWN = List.of("resnet8", "resnet20", "resnet20-proj", "vgg8", "vgg16");

    @ParameterizedTest
    @CsvSource({
        "resnt20, resnet20",
        "resnet-20, resnet20",
        "reznet20, resnet20",
        "resnet20proj, resnet20-proj",
        "vgg, vgg8",
        "vgg166, vgg16",
        "resnet8, resnet8",
        "'', vgg8"
    })
    void theFewestChangesWin(String name, String nearest) {
        assertThat(NearestName.of(name, KNOWN)).isEqualTo(nearest);
    }
}
