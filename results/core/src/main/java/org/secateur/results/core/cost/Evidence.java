package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.secateur.results.core.WorkloadKey;

/**
 * How the rows of a table were measured.
 *
 * @param runs the runs, the earliest first
 * @param places by row the place of its run among them; rows measured by versions that kept no runs have none
 */
public record Evidence(List<MeasuringRun> runs, Map<WorkloadKey, Integer> places) {
    /** Nothing is known. */
    public static final Evidence NONE = new Evidence(List.of(), Map.of());

    public Evidence {
        runs = List.copyOf(runs);
        places = Collections.unmodifiableMap(new LinkedHashMap<>(places));
        int count = runs.size();
        places.forEach((key, place) -> {
            if (place < 0 || place >= count) {
                throw new IllegalArgumentException(
                        "run " + place + " of " + key.workload().text() + ": there are " + count + " runs");
            }
        });
    }

    /** The run that measured a row. */
    public Optional<MeasuringRun> of(WorkloadKey key) {
        return Optional.ofNullable(places.get(key)).map(runs::get);
    }

    /** This without the runs of some rows, which were measured anew. */
    public Evidence without(Collection<WorkloadKey> keys) {
        if (Collections.disjoint(places.keySet(), keys)) {
            return this;
        }
        Map<WorkloadKey, Integer> others = new LinkedHashMap<>(places);
        others.keySet().removeAll(List.copyOf(keys));
        return new Evidence(runs, others);
    }

    /** This with a run that measured some rows. */
    public Evidence with(MeasuringRun run, Collection<WorkloadKey> keys) {
        List<MeasuringRun> all = new ArrayList<>(runs);
        int place = all.indexOf(run);
        if (place < 0) {
            place = all.size();
            all.add(run);
        }
        Map<WorkloadKey, Integer> more = new LinkedHashMap<>(places);
        for (WorkloadKey key : keys) {
            more.put(key, place);
        }
        return new Evidence(all, more);
    }

    /** The newest held-out error of something, or else the newest of anything. */
    public Optional<HeldOutError> heldOut(String of) {
        List<HeldOutError> all =
                runs.stream().flatMap(run -> run.heldOut().stream()).toList();
        return all.reversed().stream()
                .filter(error -> error.of().equals(of))
                .findFirst()
                .or(() -> all.isEmpty() ? Optional.empty() : Optional.of(all.getLast()));
    }
}
