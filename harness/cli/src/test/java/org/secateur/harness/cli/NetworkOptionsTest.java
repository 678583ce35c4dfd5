package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.zoo.Zoo;

final class NetworkOptionsTest {
    private final NetworkOptions options = new NetworkOptions();

    @Test
    void aFileThatMayHaveLostItsBatchNormsIsCautionedAgainst() {
        Network without = Zoo.network("squeezenet");
        options.network = "model.onnx";
        assertThat(options.caution(without))
                .hasValueSatisfying(
                        text -> assertThat(text).startsWith("model.onnx has convolutions and no batch norm"));
        assertThat(options.caution(Zoo.network("resnet8"))).isEmpty();
        options.network = "squeezenet";
        assertThat(options.caution(without)).as("a network that never had any").isEmpty();
    }
}
