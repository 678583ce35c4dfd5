package org.secateur.models.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;

class RecipeTest {
    private static final Network TEACHER = network(8, 4);
    private static final ModelState STATE = new Initializer(1).initialize(TEACHER);

    @Test
    void onlyTheOneWithoutAnythingIsPlain() {
        Distillation distillation = new Distillation(TEACHER, STATE, 4, 0.9);
        assertThat(Recipe.PLAIN.isPlain()).isTrue();
        assertThat(recipe(0.1, OptionalDouble.empty()).isPlain()).isFalse();
        assertThat(recipe(0, OptionalDouble.of(1)).isPlain()).isFalse();
        Recipe taught = new Recipe(0, OptionalDouble.empty(), Optional.of(distillation));
        assertThat(taught.isPlain()).isFalse();
        assertThat(taught.withoutTeacher()).isEqualTo(Recipe.PLAIN);
    }

    @Test
    void nonsenseIsRefusedWithItsValue() {
        for (double smoothing : new double[] {-0.1, 1, Double.NaN}) {
            assertThatThrownBy(() -> recipe(smoothing, OptionalDouble.empty()))
                    .hasMessageContaining("label smoothing " + smoothing);
        }
        for (double norm : new double[] {-1, 0, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> recipe(0, OptionalDouble.of(norm))).hasMessageContaining("norm " + norm);
        }
        for (double temperature : new double[] {0, -4, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new Distillation(TEACHER, STATE, temperature, 0.9))
                    .hasMessageContaining("temperature " + temperature);
        }
        for (double weight : new double[] {0, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new Distillation(TEACHER, STATE, 4, weight))
                    .hasMessageContaining("weight " + weight);
        }
    }

    @Test
    void aTeacherHasItsOwnNumbersAndKnowsTheSameImagesAndClasses() {
        assertThatThrownBy(() -> new Distillation(network(8, 5), STATE, 4, 0.9))
                .isInstanceOf(IllegalArgumentException.class);
        Distillation distillation = new Distillation(TEACHER, STATE, 4, 0.9);
        distillation.requireFit(TEACHER);
        assertThatThrownBy(() -> distillation.requireFit(network(8, 5))).hasMessageContaining("in 5");
        assertThatThrownBy(() -> distillation.requireFit(network(9, 4))).hasMessageContaining("9x9");
    }

    private static Recipe recipe(double smoothing, OptionalDouble clipNorm) {
        return new Recipe(smoothing, clipNorm, Optional.empty());
    }

    private static Network network(int size, int classes) {
        return Zoo.network("resnet8", Optional.of(new Shape(3, size, size)), OptionalInt.of(classes));
    }
}
