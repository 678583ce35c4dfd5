package org.secateur.models.libtorch;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.CosineSchedule;
import org.secateur.models.core.training.Distillation;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.Recipe;
import org.secateur.models.core.training.WarmupSchedule;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;

/** A short training run with all of a recipe and surgery in the middle, which tests repeat in one process and in several. */
final class SeededRun {
    static final int STEPS = 9;
    static final int SURGERY = 4;

    private SeededRun() {}

    /** Runs from step {@code first}, where a checkpoint lies unless it is 0, to step {@code last}. */
    static Checkpoint run(Path file, int first, int last, TensorFormat format) {
        Network dense = TestNetworks.small(24, 40);
        Checkpoint start = first == 0
                ? new Checkpoint(dense, new Initializer(11).initialize(dense), Map.of())
                : Checkpoint.read(file);
        LearningRateSchedule schedule = new WarmupSchedule(2, new CosineSchedule(0.1, STEPS - 2));
        try (TorchTrainer trainer = new TorchTrainer(
                LibTorch.load(2),
                start.network(),
                start.state(),
                recipe(),
                new SgdStep(0.9, 5e-4),
                schedule,
                first,
                System::nanoTime,
                format)) {
            trainer.lambda(1e-3);
            while (trainer.step() < last) {
                if (trainer.step() == SURGERY) {
                    trainer.reconfigure(TestNetworks.small(13, 40), TestNetworks.keepFirst(trainer.state(), 13));
                }
                float[] images = TestNetworks.images(dense, 32, trainer.step());
                trainer.trainStep(images, TestNetworks.labels(dense, 32));
            }
            Checkpoint end =
                    new Checkpoint(trainer.network(), trainer.state(), Map.of("step", Long.toString(trainer.step())));
            end.write(file);
            return end;
        }
    }

    /** The limit is below the norm of every gradient. */
    private static Recipe recipe() {
        Network teacher = TestNetworks.small(10, 12);
        return new Recipe(
                0.1,
                OptionalDouble.of(0.01),
                Optional.of(new Distillation(teacher, TestNetworks.state(teacher, 5), 4, 0.9)));
    }

    /** Runs in a process of its own: file, first step, last step. */
    public static void main(String[] arguments) {
        run(
                Path.of(arguments[0]),
                Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[2]),
                TensorFormat.DEFAULT);
    }

    static List<String> command(Path file, int first, int last) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SeededRun.class.getName(),
                file.toString(),
                Integer.toString(first),
                Integer.toString(last));
    }
}
