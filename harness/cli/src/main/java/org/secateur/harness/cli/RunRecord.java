package org.secateur.harness.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.harness.loop.EpochPoint;
import org.secateur.harness.loop.PlanRecord;
import org.secateur.harness.loop.RunResult;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.ScaledCosts;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.store.Run;
import org.secateur.results.store.RunLog;
import org.secateur.results.store.RunStatus;

/**
 * A run as the store remembers it: RUNNING from its beginning on; at its end the epochs and reconfigurations as events,
 * each plan with what it predicted and what was then measured, and its result. A run that was left stays RUNNING, and
 * its checkpoints know how far it came.
 */
final class RunRecord {
    private final RunLog log;
    private final String id;

    private RunRecord(RunLog log, String id) {
        this.log = log;
        this.id = id;
    }

    /** Tells the store that a run begins or goes on. */
    static RunRecord begin(RunLog log, Run run) {
        log.save(run);
        return new RunRecord(log, run.id());
    }

    /**
     * Tells it how the run ended.
     *
     * @param json the document of its command
     */
    void finish(RunResult result, String json) {
        log.rewind(id, 0);
        epochs("dense", result.denseHistory());
        epochs("pruned", result.prunedHistory());
        int number = 0;
        for (PlanRecord plan : result.plans()) {
            plan(++number, plan, result.dense().energyJoules());
        }
        log.finish(id, RunStatus.DONE, json);
    }

    private void epochs(String arm, List<EpochPoint> history) {
        for (EpochPoint point : history) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("arm", arm);
            json.put("epoch", point.epoch());
            json.put("loss", point.loss());
            json.put("top1", point.top1());
            json.put("stepSeconds", point.stepSeconds());
            log.append(id, "epoch", Json.write(json));
        }
    }

    private void plan(int number, PlanRecord plan, Quantity stepJoules) {
        String json = Json.write(RunDocument.plan(plan, stepJoules));
        log.append(id, "reconfiguration", json);
        String name = id + "/" + number;
        Estimate predicted = Estimate.exact(plan.costPredicted());
        Quantity counted = Quantity.unavailable("the plan counted " + plan.unit());
        boolean seconds = plan.unit().equals("seconds");
        log.savePlan(
                name,
                id,
                json,
                !seconds
                        ? counted
                        : plan.guessed()
                                ? Quantity.modelled(predicted, ScaledCosts.MODEL)
                                : Quantity.derived(predicted));
        Double measured = plan.costMeasured();
        if (seconds && measured != null) {
            log.planMeasured(name, Quantity.derived(Estimate.exact(measured)));
        }
    }
}
