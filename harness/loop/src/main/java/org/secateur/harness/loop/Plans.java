package org.secateur.harness.loop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/** A run's plans as a file, from which another run can do the same again without measuring. */
public final class Plans {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Plans() {}

    /** Writes plans, whole or not at all. */
    public static void write(List<PlanRecord> plans, Path file) {
        WholeJson.write(plans, file, "the plans");
    }

    /**
     * Reads plans.
     *
     * @throws SecateurException when the file is missing or is none of a run's
     */
    public static List<PlanRecord> read(Path file) {
        try {
            PlanRecord @Nullable [] plans = MAPPER.readValue(Files.readAllBytes(file), PlanRecord[].class);
            if (plans == null || Arrays.asList(plans).contains(null)) {
                throw SecateurException.badInput(
                        "the file holds no plans: a plan is null", file.toString(), "name a run's plans.json");
            }
            return List.of(plans);
        } catch (NoSuchFileException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    "the file of plans does not exist",
                    file.toString(),
                    "name a run's plans.json",
                    e);
        } catch (JsonProcessingException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    "the file holds no plans: " + e.getOriginalMessage(),
                    file.toString(),
                    "name a run's plans.json",
                    e);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT, "the file of plans cannot be read", file.toString(), "make it readable", e);
        }
    }
}
