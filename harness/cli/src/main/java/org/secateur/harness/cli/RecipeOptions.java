package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.training.Distillation;
import org.secateur.models.core.training.Recipe;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Option;

/** What training minimises beside plain cross entropy, and how long its gradients may be. */
final class RecipeOptions {
    /** What most who reproduce Hinton et al. on images take. */
    private static final double TEMPERATURE = 4;
    /** Likewise; the labels keep the rest. */
    private static final double TEACHER_WEIGHT = 0.9;

    @Option(
            names = "--label-smoothing",
            paramLabel = "SHARE",
            description = "The share of each label that is spread over all classes; usual is 0.1 (default: 0).")
    @Nullable
    private Double labelSmoothing;

    @Option(
            names = "--clip-norm",
            paramLabel = "X",
            description = "Scale the gradient of all parameters down to this norm where it is longer (default: never).")
    @Nullable
    private Double clipNorm;

    @Option(
            names = "--teacher",
            paramLabel = "FILE",
            description = "Learn from the answers of a trained network beside the labels (knowledge distillation): a"
                    + " checkpoint, such as runs/NAME/dense.safetensors.")
    @Nullable
    private Path teacher;

    @Option(
            names = "--teacher-temperature",
            paramLabel = "T",
            description = "What the logits of both are divided by before they are compared (default: 4).")
    @Nullable
    private Double temperature;

    @Option(
            names = "--teacher-weight",
            paramLabel = "SHARE",
            description = "The teacher's share of the loss; the labels have the rest (default: 0.9).")
    @Nullable
    private Double teacherWeight;

    /** The options that were given. */
    Stream<String> given() {
        return Stream.of(
                        labelSmoothing == null ? "" : "--label-smoothing",
                        clipNorm == null ? "" : "--clip-norm",
                        teacher == null ? "" : "--teacher",
                        temperature == null ? "" : "--teacher-temperature",
                        teacherWeight == null ? "" : "--teacher-weight")
                .filter(name -> !name.isEmpty());
    }

    /** The recipe, whose teacher knows these images. */
    Recipe recipe(Dataset data) {
        return new Recipe(
                labelSmoothing == null ? 0 : labelSmoothing,
                clipNorm == null ? OptionalDouble.empty() : OptionalDouble.of(clipNorm),
                distillation(data));
    }

    private Optional<Distillation> distillation(Dataset data) {
        if (teacher == null) {
            if (temperature != null || teacherWeight != null) {
                throw SecateurException.badInput(
                        "there is no teacher whose temperature or weight could be chosen", "--teacher", "name one");
            }
            return Optional.empty();
        }
        StartingPoint trained = StartingPoint.read(teacher, data);
        return Optional.of(new Distillation(
                trained.network(),
                trained.weights().orElseThrow(),
                temperature == null ? TEMPERATURE : temperature,
                teacherWeight == null ? TEACHER_WEIGHT : teacherWeight));
    }
}
