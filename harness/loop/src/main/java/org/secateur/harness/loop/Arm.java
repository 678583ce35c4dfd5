package org.secateur.harness.loop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.secateur.harness.loop.TimeAccount.Part;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.training.EpochRecord;
import org.secateur.models.core.training.Evaluation;
import org.secateur.models.core.training.Trainer;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.OrderStatistics;

/** One of the networks that train side by side, with its account of time and its history. Used by one thread. */
final class Arm implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Opens a trainer for a network at a step. */
    interface TrainerSource {
        Trainer open(Network network, ModelState state, long step);
    }

    /** What a checkpoint keeps beside the numbers. */
    record Progress(
            int epochs,
            long step,
            double lambda,
            double denseCost,
            Map<Part, Double> account,
            double joules,
            List<EpochPoint> history,
            List<PlanRecord> plans) {}

    private final Trainer trainer;
    private final TimeAccount account;
    private final EnergyAccount energy;
    private final List<EpochPoint> history;
    private final List<PlanRecord> plans;
    private int epochs;
    private double denseCost;

    private Arm(Trainer trainer, Progress progress, Optional<EnergyCounter> counter) {
        this.trainer = trainer;
        account = new TimeAccount(progress.account());
        energy = new EnergyAccount(counter, progress.joules());
        history = new ArrayList<>(progress.history());
        plans = new ArrayList<>(progress.plans());
        epochs = progress.epochs();
        denseCost = progress.denseCost();
        trainer.lambda(progress.lambda());
    }

    /** A new arm, at epoch 0. */
    static Arm start(Network network, ModelState state, TrainerSource source, Optional<EnergyCounter> counter) {
        Progress nothing = new Progress(0, 0, 0, 0, Map.of(), 0, List.of(), List.of());
        return new Arm(source.open(network, state, 0), nothing, counter);
    }

    /** The arm that the newest intact checkpoint holds; which one that is, is told where it is not the newest. */
    private static Arm resume(Path file, TrainerSource source, Optional<EnergyCounter> counter, Consumer<String> told) {
        Checkpoint.Restored restored = Checkpoint.restore(file);
        Checkpoint checkpoint = restored.checkpoint();
        String text = checkpoint.metadata().getOrDefault("progress", "");
        try {
            Progress progress = MAPPER.readValue(text, new TypeReference<Progress>() {});
            restored.refused()
                    .ifPresent(refused -> told.accept("%s (%s): continuing from the one before it, after epoch %d"
                            .formatted(refused.what(), refused.on(), progress.epochs())));
            return new Arm(source.open(checkpoint.network(), checkpoint.state(), progress.step()), progress, counter);
        } catch (JsonProcessingException e) {
            throw SecateurException.badInput(
                    "the checkpoint holds no progress of a run: " + e.getOriginalMessage(),
                    file.toString(),
                    "start again with --fresh");
        }
    }

    /**
     * The arm whose checkpoint lies in the file or beside it, or a new one.
     *
     * @param told gets a line where the newest checkpoint could not be used
     */
    static Arm open(
            Path file,
            Network network,
            Supplier<ModelState> state,
            TrainerSource source,
            Optional<EnergyCounter> counter,
            Consumer<String> told) {
        return Files.exists(file) || Files.exists(Checkpoint.previous(file))
                ? resume(file, source, counter, told)
                : start(network, state.get(), source, counter);
    }

    Trainer trainer() {
        return trainer;
    }

    TimeAccount account() {
        return account;
    }

    EnergyAccount energy() {
        return energy;
    }

    List<EpochPoint> history() {
        return List.copyOf(history);
    }

    List<PlanRecord> plans() {
        return List.copyOf(plans);
    }

    /** Finished epochs. */
    int epochs() {
        return epochs;
    }

    /** What the budget is relative to: the dense network's cost, measured or counted; 0 while unknown. */
    double denseCost() {
        return denseCost;
    }

    void denseCost(double cost) {
        denseCost = cost;
    }

    /** Keeps a plan. */
    void planned(PlanRecord plan) {
        plans.add(plan);
    }

    /** Trains one epoch, then evaluates. */
    void epoch(Batches training, Batches test) {
        EpochRecord epoch = energy.metered(() -> trainer.trainEpoch(training));
        account.add(Part.DATA, epoch.dataSeconds());
        account.add(Part.STEPS, epoch.stepSeconds());
        account.add(Part.REGULARISER, epoch.regulariserSeconds());
        Evaluation evaluation = trainer.evaluate(test);
        account.add(Part.EVALUATION, evaluation.seconds());
        epochs++;
        history.add(new EpochPoint(
                epochs,
                epoch.loss(),
                evaluation.accuracy(),
                OrderStatistics.median(epoch.secondsOfSteps()),
                epoch.loopOverhead(),
                Surgery.widths(trainer.network())));
    }

    /** Writes all that is needed to continue. */
    void save(Path file) {
        Progress progress = new Progress(
                epochs, trainer.step(), trainer.lambda(), denseCost, account.parts(), energy.counted(), history, plans);
        try {
            new Checkpoint(trainer.network(), trainer.state(), Map.of("progress", MAPPER.writeValueAsString(progress)))
                    .write(file);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records of numbers and strings can always be written", e);
        }
    }

    @Override
    public void close() {
        trainer.close();
    }
}
