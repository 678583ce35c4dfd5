package org.secateur.profilers.core.sampler;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Subjects that are open together; closing it closes all of them, even when one fails to close. */
final class OpenSubjects implements AutoCloseable {
    private final List<Subject> subjects = new ArrayList<>();

    Subject add(Subject subject) {
        subjects.add(subject);
        return subject;
    }

    @Override
    public void close() {
        @Nullable RuntimeException failure = null;
        for (Subject subject : subjects) {
            try {
                subject.close();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
