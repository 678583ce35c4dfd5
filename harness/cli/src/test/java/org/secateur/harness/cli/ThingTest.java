package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.harness.cli.Thing.OfNetwork;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.SecateurException;

/** What words behind a network's name say. */
final class ThingTest {
    @ParameterizedTest
    @CsvSource({
        "resnet8, f32, nchw",
        "resnet8@nchw, f32, nchw",
        "resnet8@nhwc, f32, nhwc",
        "resnet8@nhwc@bf16, bf16, nhwc",
        "resnet8@bf16@nhwc, bf16, nhwc",
        "resnet8@f16, f16, nchw"
    })
    void aNetworkNamesItsArithmetic(String text, String type, String layout) {
        assertThat(Thing.parse(text)).isInstanceOfSatisfying(OfNetwork.class, thing -> {
            assertThat(thing.network()).isEqualTo(Zoo.network("resnet8"));
            assertThat(thing.arithmetic().dataType().text()).isEqualTo(type);
            assertThat(thing.arithmetic().layout().text()).isEqualTo(layout);
        });
    }

    @Test
    void widthsStandBeforeTheArithmetic() {
        assertThat(Thing.parse("resnet8@uniform:0.5@nhwc")).isInstanceOfSatisfying(OfNetwork.class, thing -> {
            assertThat(Surgery.widths(thing.network())).containsEntry("layer1.0.conv1", 8);
            assertThat(thing.arithmetic().layout().text()).isEqualTo("nhwc");
        });
    }

    @Test
    void twoLayoutsExcludeEachOther() {
        assertThatThrownBy(() -> Thing.parse("resnet8@nchw@bf16@nhwc"))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("nhwc and nchw exclude each other");
    }
}
