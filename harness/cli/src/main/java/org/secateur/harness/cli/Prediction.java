package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.Cost;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.cost.StepCost;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.store.MeasuringRunJson;
import org.secateur.results.store.QuantityJson;

/**
 * What {@code predict} tells of a network.
 *
 * @param step of the training step; its coverage counts the launches of one
 * @param verification the step as it was measured, when it was asked for
 * @param heldOut how far the table's interpolation is off, as the table has it: of this network if that was told
 */
record Prediction(
        String network,
        int batch,
        int inferenceBatch,
        Arithmetic arithmetic,
        CostTable table,
        StepCost step,
        StepCost inference,
        Optional<Verification> verification,
        Optional<HeldOutError> heldOut,
        List<String> warnings) {
    private static final String NO_HELD_OUT =
            "the table has none: secateur profile --neighbourhood or --neighbours finds it";

    Prediction {
        warnings = List.copyOf(warnings);
    }

    /**
     * A measured step next to the predicted one.
     *
     * @param flags of its measurement
     * @param by {@code step} for a real one, {@code replay} for its launches one after the other
     */
    record Verification(Quantity measuredSeconds, Set<Flag> flags, Quantity relativeError, String by) {

        /** No measured step, for a reason. */
        static Verification missing(Quantity reason, String by) {
            return new Verification(reason, Set.of(), reason, by);
        }

        /** The measured step, and how far the predicted one is from it: predicted / measured - 1. */
        static Verification of(Quantity predicted, Timing step, String by) {
            Quantity measured = step.seconds();
            if (!(predicted instanceof Quantity.Known p) || !(measured instanceof Quantity.Known m)) {
                return new Verification(
                        measured, step.flags(), predicted instanceof Quantity.Missing ? predicted : measured, by);
            }
            Estimate a = p.number();
            Estimate b = m.number();
            Estimate error = new Estimate(
                    a.value() / b.value() - 1,
                    a.low() / b.high() - 1,
                    a.high() / b.low() - 1,
                    Math.min(a.confidence(), b.confidence()),
                    Math.min(a.blocks(), b.blocks()));
            // The prediction may be modelled in part, and then its error is too.
            return new Verification(measured, step.flags(), predicted.map(e -> error), by);
        }
    }

    String json(Map<String, Object> device) {
        Map<String, Object> document = Json.document("predict", device, warnings);
        document.put("network", network);
        document.put("batch", batch);
        document.put("inferenceBatch", inferenceBatch);
        document.put("arithmetic", arithmetic.json());
        document.put("table", table.fingerprint().id());
        document.put("stepSeconds", seconds(step.total()));
        document.put("latencySeconds", seconds(inference.total()));
        document.put("energyJoules", joules(step.total()));
        List<Object> layers = new ArrayList<>();
        step.layers().forEach((name, cost) -> {
            Map<String, Object> layer = new LinkedHashMap<>();
            layer.put("name", name);
            layer.put("seconds", seconds(cost));
            layer.put("energyJoules", joules(cost));
            layers.add(layer);
        });
        document.put("perLayer", layers);
        Map<String, Object> coverage = new LinkedHashMap<>();
        coverage.put("exact", step.coverage().exact());
        coverage.put("interpolated", step.coverage().interpolated());
        coverage.put("modelled", step.coverage().modelled());
        coverage.put("missing", step.coverage().missing());
        document.put("coverage", coverage);
        document.put(
                "heldOutError",
                heldOut.<Object>map(MeasuringRunJson::heldOut).orElseGet(() -> Quantity.unavailable(NO_HELD_OUT)));
        verification.ifPresent(v -> {
            document.put("measuredSeconds", QuantityJson.of(v.measuredSeconds(), v.flags()));
            document.put("relativeError", QuantityJson.of(v.relativeError(), v.flags()));
            document.put("verifiedBy", v.by());
        });
        return Json.write(document);
    }

    private static Map<String, Object> seconds(Cost cost) {
        return QuantityJson.of(cost.seconds(), Flag.ofSeconds(cost.flags()));
    }

    private static Map<String, Object> joules(Cost cost) {
        return QuantityJson.of(cost.joules(), Flag.ofJoules(cost.flags(), cost.joules()));
    }

    String text() {
        StringBuilder text = new StringBuilder();
        text.append("%s by table %s of %s%n%n"
                .formatted(network, table.fingerprint().id(), table.device()));
        line(text, "training step, batch " + batch, Text.seconds(step.total().seconds()));
        verification.ifPresent(v -> {
            line(text, "  measured", Text.seconds(v.measuredSeconds()));
            line(
                    text,
                    "  relative error",
                    v.relativeError()
                            .estimate()
                            .map(e -> Text.percent(e.value()) + " [" + Text.percent(e.low()) + ", "
                                    + Text.percent(e.high()) + "], verified by " + v.by())
                            .orElse("-"));
        });
        line(
                text,
                "inference, batch " + inferenceBatch,
                Text.seconds(inference.total().seconds()));
        line(text, "energy of a step", Text.joules(step.total().joules()));
        StepCost.Coverage c = step.coverage();
        line(
                text,
                "launches",
                "%d measured, %d interpolated, %d modelled, %d missing"
                        .formatted(c.exact(), c.interpolated(), c.modelled(), c.missing()));
        if (c.interpolated() > 0) {
            line(
                    text,
                    "held-out error",
                    heldOut.map(error -> "of " + error.of() + ": " + Text.heldOut(error))
                            .orElse("none: " + NO_HELD_OUT));
        }
        Columns layers = new Columns("layer", "seconds");
        step.layers()
                .forEach((name, cost) -> layers.row(
                        name,
                        cost.seconds()
                                .estimate()
                                .map(e -> Text.seconds(e.value()))
                                .orElse("-")));
        text.append('\n').append(layers.text());
        warnings.forEach(warning -> text.append("warning: ").append(warning).append('\n'));
        return text.toString();
    }

    private static void line(StringBuilder text, String what, String value) {
        text.append("%-28s %s%n".formatted(what, value));
    }
}
