package org.secateur.harness.loop;

import java.util.List;
import java.util.function.LongSupplier;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSource;
import org.secateur.models.core.data.LabelledImage;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.training.CosineSchedule;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.models.core.training.OneCycleSchedule;
import org.secateur.models.core.training.Trainer;
import org.secateur.models.core.training.WarmupSchedule;

/** Opens the trainers of one run: all by the same engine, with the same optimizer and schedule. */
public final class Trainers {
    private final Engine engine;
    private final TrainingSettings settings;
    private final LearningRateSchedule schedule;
    private final LongSupplier nanoTime;

    /** Trainers for a data set, which decides the length of an epoch. */
    public Trainers(Engine engine, TrainingSettings settings, Dataset data, LongSupplier nanoTime) {
        this.engine = engine;
        this.settings = settings;
        this.nanoTime = nanoTime;
        schedule = schedule(settings, data.train().count() / settings.batch());
    }

    /** What trains. */
    Engine engine() {
        return engine;
    }

    static LearningRateSchedule schedule(TrainingSettings settings, long stepsPerEpoch) {
        double peak = settings.learningRate();
        long steps = stepsPerEpoch * settings.epochs();
        long warm = Math.round(settings.warmupEpochs() * stepsPerEpoch);
        return switch (settings.schedule()) {
            case ONE_CYCLE -> OneCycleSchedule.of(peak, Math.max(2, steps));
            case COSINE -> warmed(warm, new CosineSchedule(peak, Math.max(1, steps - warm)));
            case MILESTONES -> {
                // A warm-up leads to the full rate, so that the first milestone comes a step behind it at the earliest.
                long first = warm == 0 ? 0 : 1;
                List<Long> milestones = settings.milestones().isEmpty()
                        ? List.of(steps / 2, steps * 3 / 4)
                        : settings.milestones().stream()
                                .map(epoch -> epoch * stepsPerEpoch)
                                .toList();
                yield warmed(
                        warm,
                        new MilestoneSchedule(
                                peak,
                                milestones.stream()
                                        .map(step -> Math.max(first, step - warm))
                                        .toList(),
                                0.1));
            }
        };
    }

    private static LearningRateSchedule warmed(long steps, LearningRateSchedule then) {
        return steps == 0 ? then : new WarmupSchedule(steps, then);
    }

    Trainer open(Network network, ModelState state, long step) {
        return engine.trainer(network, state, settings, schedule, step, nanoTime);
    }

    /** The data with the first test images only, for a quick look after each epoch. */
    static Dataset firstTestImages(Dataset data, int count) {
        ImageSource test = data.test();
        if (count >= test.count()) {
            return data;
        }
        First first = new First(test, count);
        return new Dataset(data.name(), data.classes(), data.normalisation(), data.flip(), data.train(), first);
    }

    /** The first images of others. */
    private record First(ImageSource images, int count) implements ImageSource {
        @Override
        public LabelledImage image(int index) {
            return images.image(index);
        }

        @Override
        public Shape shape() {
            return images.shape();
        }

        @Override
        public boolean atHand() {
            return images.atHand();
        }
    }
}
