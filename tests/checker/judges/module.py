"""Judges of the file and of the class in it."""

from tests.checker import inputs
from tests.checker.judges.strangers import another_gan, main_script
from tests.checker.outcomes import Beside, Misnamed
from tests.checker.records import has_penalty, said

LIBRARIES = ("tf", "keras", "np", "os", "sys", "tensorflow", "plt", "K", "layers")


def judge_import(task):
    def judge(records):
        record = records["import"]
        file = record.get("file", "the file")
        if "failed" in record:
            error = record["failed"]
            unreadable = error.get("error") in ("SyntaxError", "IndentationError", "TabError")
            if unreadable or "null bytes" in error.get("message", ""):
                return f"The file cannot be read as Python: {said(error)}"
            if main_script(records):
                return f"{main_script(records)} Its import fails with {said(error)}"
            other = another_gan(task, records) if "torch" in error.get("message", "") else None
            return f"{other + '. ' if other else ''}Importing the file fails with {said(error)}"
        if record.get("aborted"):
            kind, place = record["aborted"]["error"], record["aborted"].get("place")
            where = (
                f" (line {place[1]}: {place[2]})" if place and place[0] == file else f" ({place[0]})" if place else ""
            )
            if kind == "TrainsAtImport":
                sentence = f"The file trains a network when it is imported{where}: put that into a main script"
            else:
                sentence = (
                    f"Importing the file comes to no end within seconds: it works on and on{where}. A file of a task "
                    "only defines things; what is to be run belongs into a main script"
                )
            if "failed" in records.get("class", records.get("networks", {})):  # nothing else is there
                other = another_gan(task, records)
                also = f"{other}." if other else main_script(records)
                return f"{also} {sentence}" if also else sentence
            return Beside(sentence)
        if not record["names"]:
            return f"{record['file']} is empty: it defines nothing"
        if record["fits"] or record["updates"]:
            return Beside("The file trains a network when it is imported: put that into a main script")
        if record["figures"]:
            return Beside("The file draws figures when it is imported: put that into a main script")
        if "16" in (record.get("precision") or ""):  # mixed_float16, bfloat16; not float64
            return Beside(
                f"The file sets Keras's precision to {record['precision']} for everything that is made after it. The "
                "course works with float32, whose numbers have seven digits, not three: leave that line out"
            )
        return None

    return judge


def judge_class(task):
    name = inputs.CLASSES[task]

    def judge(records):
        record = records["class"]
        if "failed" in record:
            if main_script(records) or another_gan(task, records):
                return f"The file defines no class {name}. {main_script(records) or another_gan(task, records)}"
            defined = [n for n in records["import"]["names"] if n not in LIBRARIES]
            return f"The file defines no class {name}; it defines {', '.join(defined[:6]) or 'nothing'}"
        if not record["is_class"]:
            return f"{name} is not a class"
        called = record["called"]
        wanted = ["get_fake_sample", "get_real_sample", "train_step"]
        wanted += ["get_interpolated_sample", "gradient_penalty"] * has_penalty(task)
        if called["train_step"] is None:
            other = another_gan(task, records)
            return f"{record['name']} has no method train_step{f'. {other}' if other else ''}"
        own = record["name"]
        if not record["is_model"]:
            return Beside(f"{own} does not derive from keras.Model, so it has no fit: write class {name}(keras.Model)")
        found = []
        if own != name:
            found.append(f"The file defines no class {name}. Its class {own} is graded in its place: call it {name}")
        others = [method for method in wanted if called[method] not in (None, method)]
        missing = [method for method in wanted if called[method] is None]
        if missing:
            found.append(f"{own} has no method {' and no '.join(missing)}")
        selfless = [name for name in record.get("selfless", []) if name not in ("__init__", record.get("constructor"))]
        if selfless:
            found.append(
                f"{' and '.join(selfless)} {'has' if len(selfless) == 1 else 'have'} no self: the first argument of a "
                f"method is the object, def {selfless[0]}(self, ..."
            )
        for method, arguments in (record.get("arguments") or {}).items():
            wants = ("interpolated_sample", "real_sample and fake_sample")["inter" in method]
            found.append(f"{method} takes {' and '.join(arguments) or 'nothing'}: in the course it takes {wants}")
        if others:
            their = " and ".join(called[method] for method in others)
            found.append(
                f"{own} has no method {' and no '.join(others)}; in {'its' if len(others) == 1 else 'their'} place "
                f"{their} {'is' if len(others) == 1 else 'are'} graded"
            )
        return Misnamed(". ".join(found)) if found else None

    return judge
