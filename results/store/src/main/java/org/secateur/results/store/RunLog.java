package org.secateur.results.store;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.secateur.results.core.Quantity;

/**
 * The part of a store that remembers runs: what was asked, what happened in order, the plans, and the result. Plans,
 * events and results are JSON objects as text; each call commits at once.
 */
public final class RunLog {
    private final Database database;

    RunLog(Database database) {
        this.database = database;
    }

    /** Adds a run, or brings the one of the same id to this state; its events, plans and result stay. */
    public void save(Run run) {
        database.update(
                "insert into runs (id, command, subject, seed, arguments, startedAt, status) values (?, ?, ?, ?, ?, ?, ?)"
                        + " on conflict (id) do update set command = excluded.command, subject = excluded.subject,"
                        + " seed = excluded.seed, arguments = excluded.arguments, startedAt = excluded.startedAt,"
                        + " status = excluded.status",
                List.of(
                        run.id(),
                        run.command(),
                        JsonDocument.text(run.subject()),
                        run.seed(),
                        JsonDocument.text(Map.of("words", run.arguments())),
                        MeasurementRow.time(run.startedAt()),
                        run.status().name()));
    }

    /** Ends a run with its result, the JSON document of its command. */
    public void finish(String run, RunStatus status, String resultJson) {
        int changed = database.update(
                "update runs set status = ?, result = ? where id = ?",
                List.of(status.name(), JsonDocument.requireObject(resultJson), run));
        requireOne(changed, "run", run);
    }

    /** The run of an id. */
    public Optional<Run> run(String id) {
        return runs("where id = ?", List.of(id)).stream().findFirst();
    }

    /** All runs, the latest first. */
    public List<Run> runs() {
        return runs("", List.of());
    }

    private List<Run> runs(String where, List<?> values) {
        return database.query(
                "select * from runs " + where + " order by startedAt desc, id",
                values,
                row -> new Run(
                        row.getString("id"),
                        row.getString("command"),
                        new TreeMap<>(JsonDocument.object(row.getString("subject"), "subject")
                                .texts()),
                        row.getLong("seed"),
                        JsonDocument.object(row.getString("arguments"), "arguments").list("words").stream()
                                .map(String::valueOf)
                                .toList(),
                        Instant.parse(row.getString("startedAt")),
                        RunStatus.valueOf(row.getString("status"))));
    }

    /** The result of a finished run. */
    public Optional<String> result(String run) {
        return database
                .query(
                        "select result from runs where id = ? and result is not null",
                        List.of(run),
                        row -> row.getString(1))
                .stream()
                .findFirst();
    }

    /** Adds an event after the run's others and returns its sequence number, which counts from 1. */
    public long append(String run, String kind, String json) {
        return database.query(
                        "insert into runEvents (run, sequence, kind, json) values (?,"
                                + " (select coalesce(max(sequence), 0) + 1 from runEvents where run = ?), ?, ?)"
                                + " returning sequence",
                        List.of(run, run, kind, JsonDocument.requireObject(json)),
                        row -> row.getLong(1))
                .getFirst();
    }

    /** The events of a run in order. */
    public List<RunEvent> events(String run) {
        return database.query(
                "select sequence, kind, json from runEvents where run = ? order by sequence",
                List.of(run),
                row -> new RunEvent(row.getLong(1), row.getString(2), row.getString(3)));
    }

    /** Forgets the events after a sequence number: a run that continues from a checkpoint goes back to that moment. */
    public void rewind(String run, long sequence) {
        database.update("delete from runEvents where run = ? and sequence > ?", List.of(run, sequence));
    }

    /** Adds a plan, or replaces the one of the same id; a measured step that it may have stays. */
    public void savePlan(String id, String run, String json, Quantity predictedSeconds) {
        database.update(
                "insert into plans (id, run, json, predictedSeconds) values (?, ?, ?, ?) on conflict (id) do update set"
                        + " run = excluded.run, json = excluded.json, predictedSeconds = excluded.predictedSeconds",
                List.of(
                        id,
                        run,
                        JsonDocument.requireObject(json),
                        JsonDocument.text(QuantityJson.of(predictedSeconds))));
    }

    /** Records the step measured under a plan, beside what the plan predicted. */
    public void planMeasured(String id, Quantity seconds) {
        int changed = database.update(
                "update plans set measuredSeconds = ? where id = ?",
                List.of(JsonDocument.text(QuantityJson.of(seconds)), id));
        requireOne(changed, "plan", id);
    }

    /** The plans of a run in the order made. */
    public List<StoredPlan> plans(String run) {
        return database.query(
                "select * from plans where run = ? order by rowid",
                List.of(run),
                row -> new StoredPlan(
                        row.getString("id"),
                        row.getString("run"),
                        row.getString("json"),
                        quantity(row.getString("predictedSeconds")),
                        Optional.ofNullable(row.getString("measuredSeconds"))
                                .map(RunLog::quantity)
                                .orElse(Quantity.unavailable("no step was measured under this plan"))));
    }

    private static Quantity quantity(String json) {
        return QuantityJson.read(JsonDocument.object(json, "plan"));
    }

    private static void requireOne(int changed, String what, String id) {
        if (changed != 1) {
            throw new IllegalArgumentException(what + " " + id + " is not in the store");
        }
    }
}
