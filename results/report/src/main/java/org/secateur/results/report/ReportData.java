package org.secateur.results.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.secateur.results.core.Quantity;

/**
 * What a report shows. Every list may be empty; its section is then left out.
 *
 * @param title for example {@code resnet20 on cifar10}
 * @param verdict the sentence that the report opens with
 * @param device the device's own name
 * @param facts name and value of what describes the run: device, fingerprint, seed, command, versions
 * @param results the table of dense, pruned and predicted values
 * @param staircases what each layer costs at each width
 * @param widths the channels of each group over the epochs
 * @param histories one training per entry, such as dense and pruned
 * @param predictions predicted against measured seconds
 * @param plans what was removed, and why
 * @param times where the time of each training went
 */
public record ReportData(
        String title,
        String verdict,
        String device,
        List<Fact> facts,
        List<String> warnings,
        List<Result> results,
        List<Staircase> staircases,
        List<WidthHistory> widths,
        List<History> histories,
        List<Prediction> predictions,
        List<Plan> plans,
        List<TimeParts> times) {
    public ReportData {
        facts = List.copyOf(facts);
        warnings = List.copyOf(warnings);
        results = List.copyOf(results);
        staircases = List.copyOf(staircases);
        widths = List.copyOf(widths);
        histories = List.copyOf(histories);
        predictions = List.copyOf(predictions);
        plans = List.copyOf(plans);
        times = List.copyOf(times);
    }

    /** A name and its value. */
    public record Fact(String name, String value) {}

    /** One quantity of the dense and the pruned network, and what was predicted for the pruned one. */
    public record Result(String name, Unit unit, Quantity dense, Quantity pruned, Quantity predicted) {}

    /**
     * The measured cost of one layer by its width.
     *
     * @param widthName what is varied, for example {@code output channels}
     * @param pruned the widths that the pruned network's layers of this kind have; marked where they were measured
     */
    public record Staircase(String layer, String widthName, Set<Integer> pruned, List<StairPoint> points) {
        public Staircase {
            pruned = Set.copyOf(pruned);
            points = List.copyOf(points);
        }
    }

    /** The seconds at one width. */
    public record StairPoint(int width, Quantity seconds) {}

    /** The channels that a group had: a change holds until the next. */
    public record WidthHistory(String group, List<WidthPoint> points) {
        public WidthHistory {
            points = List.copyOf(points);
        }
    }

    /** The channels of a group from an epoch on. */
    public record WidthPoint(double epoch, int channels) {}

    /** One training, epoch by epoch. */
    public record History(String name, List<Epoch> epochs) {
        public History {
            epochs = List.copyOf(epochs);
        }
    }

    /** The top-1 accuracy (a fraction) after an epoch, and the seconds of a step in it. */
    public record Epoch(double epoch, Quantity top1, Quantity stepSeconds) {}

    /** A step whose cost was predicted and then measured. */
    public record Prediction(String name, Quantity predictedSeconds, Quantity measuredSeconds) {}

    /**
     * One reconfiguration, after {@code epoch} epochs.
     *
     * @param decision what became of it, in a word
     * @param changes one sentence each: what was to go
     * @param reason why it was decided so, in one sentence
     * @param unit of the cost that it was to lower
     */
    public record Plan(
            double epoch,
            String decision,
            List<String> changes,
            String reason,
            Unit unit,
            Quantity costBefore,
            Quantity costPredicted,
            Quantity costMeasured) {
        public Plan {
            changes = List.copyOf(changes);
        }
    }

    /** The seconds of one training by part, in the order shown. */
    public record TimeParts(String name, Map<String, Double> seconds) {
        public TimeParts {
            seconds = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
        }
    }
}
