package org.secateur.results.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.store.Database.Absent;

/** A measurement as a row of the table {@code measurements}. */
final class MeasurementRow {
    private MeasurementRow() {}

    /** Always nine digits, so that text order is time order. */
    private static final DateTimeFormatter INSTANT =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter();

    /** The columns of {@link #key}. */
    static final String KEY_COLUMNS = "workload, regime, workspaceLimitBytes, deterministicAsked, dataDistribution";

    private static final String COLUMNS = KEY_COLUMNS
            + ", algorithm, workspaceBytes, deterministic"
            + ", seconds, secondsLow, secondsHigh, secondsConfidence, secondsBlocks, secondsProvenance, secondsDetail"
            + ", joules, joulesLow, joulesHigh, joulesConfidence, joulesBlocks, joulesProvenance, joulesDetail"
            + ", flags, samples, energySamples, discarded, conditionsBefore, conditionsAfter, measuredAt";

    static final String INSERT = "insert into measurements (fingerprint, context, run, " + COLUMNS
            + ") values (?, ?, ?, " + String.join(", ", Collections.nCopies(COLUMNS.split(",", -1).length, "?")) + ")";

    static List<Object> key(WorkloadKey key) {
        Request request = key.request();
        return List.of(
                key.workload().text(),
                key.regime().name(),
                request.workspaceLimitBytes(),
                request.deterministic(),
                request.dataDistribution());
    }

    /** The parameters of {@link #INSERT} after fingerprint, context and run. */
    static List<Object> write(Measurement m) {
        List<Object> values = new ArrayList<>(key(m.key()));
        values.addAll(List.of(
                m.variant().algorithm(),
                m.variant().workspaceBytes(),
                m.variant().deterministic()));
        values.addAll(write(m.seconds()));
        values.addAll(write(m.joules()));
        values.add(m.flags().stream().map(Flag::name).collect(Collectors.joining(" ")));
        values.add(SampleBlob.write(m.blocks()));
        values.add(SampleBlob.writeEnergy(m.energySamples()));
        values.add(JsonDocument.text(m.discarded()));
        values.add(JsonDocument.text(m.before().readings()));
        values.add(JsonDocument.text(m.after().readings()));
        values.add(time(m.measuredAt()));
        return values;
    }

    static String time(Instant instant) {
        return INSTANT.format(instant);
    }

    static Measurement read(ResultSet row) throws SQLException {
        WorkloadKey key = new WorkloadKey(
                Workload.parse(row.getString("workload")),
                Regime.valueOf(row.getString("regime")),
                new Request(
                        row.getLong("workspaceLimitBytes"),
                        row.getBoolean("deterministicAsked"),
                        row.getString("dataDistribution")));
        return new Measurement(
                key,
                new Variant(row.getString("algorithm"), row.getLong("workspaceBytes"), row.getBoolean("deterministic")),
                quantity(row, "seconds"),
                quantity(row, "joules"),
                SampleBlob.read(row.getBytes("samples")),
                SampleBlob.readEnergy(row.getBytes("energySamples")),
                JsonDocument.object(row.getString("discarded"), "discarded").counts(),
                new Conditions(JsonDocument.object(row.getString("conditionsBefore"), "conditionsBefore")
                        .numbers()),
                new Conditions(JsonDocument.object(row.getString("conditionsAfter"), "conditionsAfter")
                        .numbers()),
                flags(row.getString("flags")),
                Instant.parse(row.getString("measuredAt")));
    }

    private static List<Object> write(Quantity quantity) {
        String provenance = QuantityJson.provenance(quantity.provenance());
        return switch (quantity) {
            case Quantity.Missing missing ->
                List.of(
                        Absent.VALUE,
                        Absent.VALUE,
                        Absent.VALUE,
                        Absent.VALUE,
                        Absent.VALUE,
                        provenance,
                        missing.reason());
            case Quantity.Known known -> {
                Estimate e = known.number();
                String model = known.provenance() instanceof Provenance.Modelled modelled ? modelled.model() : "";
                yield List.of(e.value(), e.low(), e.high(), e.confidence(), e.blocks(), provenance, model);
            }
        };
    }

    private static Quantity quantity(ResultSet row, String name) throws SQLException {
        String provenance = row.getString(name + "Provenance");
        String detail = row.getString(name + "Detail");
        if (provenance.equals(QuantityJson.UNAVAILABLE)) {
            return Quantity.unavailable(detail);
        }
        Estimate number = new Estimate(
                row.getDouble(name),
                row.getDouble(name + "Low"),
                row.getDouble(name + "High"),
                row.getDouble(name + "Confidence"),
                row.getInt(name + "Blocks"));
        return new Quantity.Known(number, QuantityJson.provenance(provenance, detail));
    }

    private static Set<Flag> flags(String text) {
        return Arrays.stream(text.split(" ", -1))
                .filter(name -> !name.isEmpty())
                .map(Flag::valueOf)
                .collect(Collectors.toSet());
    }
}
