package org.secateur.harness.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.secateur.harness.loop.PruningSettings;
import org.secateur.harness.loop.PruningSettings.Objective;
import org.secateur.harness.loop.TrainingSettings;
import org.secateur.models.core.training.Recipe;

/** With what a run trained and pruned, as its document has it; what was left open is left out. */
final class SettingsJson {
    private SettingsJson() {}

    static Map<String, Object> training(TrainingSettings settings) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("learningRate", settings.learningRate());
        json.put("schedule", word(settings.schedule()));
        json.put("warmupEpochs", settings.warmupEpochs());
        if (!settings.milestones().isEmpty()) {
            json.put("milestones", settings.milestones());
        }
        json.put("momentum", settings.momentum());
        json.put("weightDecay", settings.weightDecay());
        Recipe recipe = settings.recipe();
        json.put("labelSmoothing", recipe.labelSmoothing());
        recipe.clipNorm().ifPresent(norm -> json.put("clipNorm", norm));
        recipe.distillation().ifPresent(teaching -> {
            Map<String, Object> teacher = new LinkedHashMap<>();
            teacher.put("network", teaching.teacher().name());
            teacher.put("temperature", teaching.temperature());
            teacher.put("weight", teaching.weight());
            json.put("teacher", teacher);
        });
        json.put("workers", settings.workers());
        return json;
    }

    static Map<String, Object> pruning(PruningSettings settings) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cost", word(settings.cost()));
        json.put("objective", word(settings.objective()));
        if (settings.objective() == Objective.MIX) {
            json.put("stepWeight", settings.stepWeight());
        }
        json.put("saliencyBudget", settings.saliencyBudget());
        json.put("saliencyRunBudget", settings.saliencyRunBudget());
        settings.rho().ifPresent(rho -> json.put("rho", rho));
        settings.lambda().ifPresent(lambda -> json.put("lambda", lambda));
        settings.interval().ifPresent(interval -> json.put("interval", interval));
        json.put("reconfigurations", settings.reconfigurations());
        json.put("measuringShare", settings.measuringShare());
        return json;
    }

    /** As the option has it: {@code one-cycle}. */
    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
