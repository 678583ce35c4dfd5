package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSource;
import org.secateur.models.core.data.LabelledImage;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;

class SecateurTest {
    private static final Shape SHAPE = new Shape(3, 8, 8);
    private static final Dataset DATA = Dataset.of("dots", 2, new Dots(8), new Dots(4));

    private record Dots(int count) implements ImageSource {
        @Override
        public LabelledImage image(int index) {
            return new LabelledImage(SHAPE, new byte[SHAPE.elements()], index % 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "profile", "doctor --json", "--epochs 3"})
    void onlyCommandsThatTrainTakeANetworkOfOnesOwn(String arguments) {
        assertThatThrownBy(() -> Secateur.run(network(SHAPE, 2), DATA, arguments.split(" ", -1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one of [run, prune, train]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"train --data shapes", "prune --network=resnet8", "run --input 3x8x8", "train --classes=2"})
    void optionsThatNameAnotherNetworkOrOtherDataAreRefused(String arguments) {
        assertThatThrownBy(() -> Secateur.run(network(SHAPE, 2), DATA, arguments.split(" ", -1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("given already");
    }

    @Test
    void aNetworkThatDoesNotTakeTheImagesIsBadInput() {
        assertThat(Secateur.run(network(new Shape(3, 16, 16), 2), DATA, "train"))
                .isEqualTo(2);
        assertThat(Secateur.run(network(SHAPE, 3), DATA, "prune")).isEqualTo(2);
    }

    private static Network network(Shape shape, int classes) {
        return Zoo.network("resnet8", Optional.of(shape), OptionalInt.of(classes));
    }
}
