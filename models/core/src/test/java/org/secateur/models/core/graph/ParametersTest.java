package org.secateur.models.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;
import org.secateur.models.core.zoo.Zoo;

class ParametersTest {

    @Test
    void tensorsCarryPytorchsNames() {
        List<Tensor> tensors = Parameters.of(Zoo.network("resnet8"));
        assertThat(tensors)
                .startsWith(
                        new Tensor("conv1.weight", "conv1", Kind.TRAINED, List.of(16, 3, 3, 3)),
                        new Tensor("bn1.weight", "bn1", Kind.TRAINED, List.of(16)),
                        new Tensor("bn1.bias", "bn1", Kind.TRAINED, List.of(16)),
                        new Tensor("bn1.running_mean", "bn1", Kind.BUFFER, List.of(16)),
                        new Tensor("bn1.running_var", "bn1", Kind.BUFFER, List.of(16)))
                .endsWith(
                        new Tensor("fc.weight", "fc", Kind.TRAINED, List.of(10, 64)),
                        new Tensor("fc.bias", "fc", Kind.TRAINED, List.of(10)));
    }

    @Test
    void theSameSeedGivesTheSameWeightsOnAnyMachine() {
        Network network = Zoo.network("resnet8");
        ModelState state = new Initializer(7).initialize(network);
        assertThat(state).isEqualTo(new Initializer(7).initialize(network));
        assertThat(state).isNotEqualTo(new Initializer(8).initialize(network));
        assertThat(state.parameter("conv1.weight").data())
                .startsWith(0.19530334f, 0.017173909f, 0.2092791f, -0.07132683f);
        Parameters.requireFit(network, state);
    }

    @Test
    void weightsHaveTheVarianceOfTheirRule() {
        ModelState state = new Initializer(1).initialize(Zoo.network("resnet20"));
        float[] weights = state.parameter("layer3.1.conv1.weight").data();
        double squares = 0;
        for (float w : weights) {
            squares += (double) w * w;
        }
        assertThat(squares / weights.length).isCloseTo(2.0 / (64 * 9), within(1e-4));
        for (float w : state.parameter("fc.weight").data()) {
            assertThat(Math.abs(w)).isLessThanOrEqualTo(0.125f);
        }
        assertThat(state.parameter("bn1.weight").data()).containsOnly(1f);
        assertThat(state.parameter("bn1.bias").data()).containsOnly(0f);
        assertThat(state.buffer("bn1.running_var").data()).containsOnly(1f);
    }

    @Test
    void aStateThatDoesNotFitIsNamed() {
        ModelState state = new Initializer(1).initialize(Zoo.network("resnet8"));
        assertThatThrownBy(() -> Parameters.requireFit(Zoo.network("resnet20"), state))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("layer1.1.conv1.weight");
        ModelState wrong = new ModelState(
                state.parameters(), Map.of("conv1.weight", HostTensor.zeros(1, 3, 3, 3)), state.buffers());
        assertThatThrownBy(() -> Parameters.requireFit(Zoo.network("resnet8"), wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("conv1.weight");
    }
}
