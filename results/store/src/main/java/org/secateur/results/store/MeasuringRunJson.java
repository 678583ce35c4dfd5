package org.secateur.results.store;

import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.cost.MeasuringRun;
import org.secateur.results.core.cost.MeasuringRun.Reference;

/** How rows were measured, in JSON; its schema is {@code docs/schema/measuring-run.schema.json}. */
public final class MeasuringRunJson {
    private MeasuringRunJson() {}

    /** A run with the raw pairs of its control and the errors of the rows held out. */
    public static Map<String, Object> of(MeasuringRun run) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("command", run.command());
        json.put("seed", run.seed());
        json.put("startedAt", run.startedAt().toString());
        json.put("tool", run.tool());
        json.put("options", run.options());
        json.put("calibration", run.calibration());
        run.control().ifPresent(control -> {
            Map<String, Object> found = new LinkedHashMap<>();
            found.put("workload", control.workload().text());
            found.putAll(ComparisonJson.of(control.comparison(), ComparisonJson.Unit.SECONDS));
            json.put("control", found);
        });
        run.heldOut().ifPresent(error -> {
            Map<String, Object> found = heldOut(error);
            found.put("errors", error.errors());
            json.put("heldOutError", found);
        });
        return json;
    }

    /** The same without what was measured singly: for showing. */
    public static Map<String, Object> summary(MeasuringRun run) {
        Map<String, Object> json = of(run);
        run.control().ifPresent(control -> {
            Map<String, Object> found = new LinkedHashMap<>();
            found.put("workload", control.workload().text());
            found.putAll(ComparisonJson.of(control.comparison(), ComparisonJson.Unit.SECONDS));
            found.remove("pairSeconds");
            json.put("control", found);
        });
        run.heldOut().ifPresent(error -> json.put("heldOutError", heldOut(error)));
        return json;
    }

    /** A held-out error without the errors of the single rows. */
    public static Map<String, Object> heldOut(HeldOutError error) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("of", error.of());
        json.put("median", QuantityJson.of(error.median()));
        json.put("p95", QuantityJson.of(error.p95()));
        json.put("predicted", error.predicted());
        json.put("unpredicted", error.unpredicted());
        json.put("asked", error.asked());
        json.put("from", error.from());
        return json;
    }

    static MeasuringRun read(JsonObject json) {
        json.only("command", "seed", "startedAt", "tool", "options", "calibration", "control", "heldOutError");
        return new MeasuringRun(
                json.text("command"),
                json.integer("seed"),
                Instant.parse(json.text("startedAt")),
                json.object("tool").texts(),
                json.object("options").numbers(),
                json.object("calibration").numbers(),
                json.fields().containsKey("control") ? Optional.of(control(json.object("control"))) : Optional.empty(),
                json.fields().containsKey("heldOutError")
                        ? Optional.of(error(json.object("heldOutError")))
                        : Optional.empty());
    }

    private static Reference control(JsonObject json) {
        json.only(
                "workload",
                "ratio",
                "verdict",
                "delta",
                "askedConfidence",
                "pairs",
                "pairNoise",
                "pValue",
                "pairSeconds");
        return new Reference(
                Workload.parse(json.text("workload")), ComparisonJson.read(json, ComparisonJson.Unit.SECONDS));
    }

    private static HeldOutError error(JsonObject json) {
        json.only("of", "median", "p95", "predicted", "unpredicted", "asked", "from", "errors");
        double[] errors = json.numbers("errors");
        if (json.count("predicted") != errors.length) {
            throw new IllegalArgumentException(
                    "predicted is " + json.count("predicted") + ", but there are " + errors.length + " errors");
        }
        return new HeldOutError(
                json.text("of"),
                QuantityJson.read(json.object("median")),
                QuantityJson.read(json.object("p95")),
                Arrays.stream(errors).boxed().toList(),
                json.count("unpredicted"),
                json.count("asked"),
                json.text("from"));
    }
}
