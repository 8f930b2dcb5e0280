"""Modules that have no mirrored test (`tests/<same path>/test_<module>.py`), by what tests them instead."""

_NO_LOGIC = "types, constants, errors or a protocol alone: nothing in it could go wrong by itself"
_DRAWN = "tests/demo/stories/test_scenes.py"  # every scene is drawn there, in one go
_ROUTES = "tests/api/routes/test_search.py"
_CONTRACT = "tests/qdrant/stories/test_contract_searching.py"  # every store runs the contract, and so its parts

INSTEAD = {
    _NO_LOGIC: """
        common/arrays.py compliance/errors.py ingest/errors.py ingest/reason.py ingest/settings.py ingest/draft.py
        ingest/sources/source.py ingest/steps/verdict.py photosense/errors.py photosense/evaluation/errors.py
        photosense/evaluation/outcomes.py qdrant/engine/protocol.py qdrant/errors.py topic_model/document.py
        topic_model/errors.py topic_model/ideas/idea.py
        topic_model/models.py vision/errors.py vision/encoder.py vision/networks/network.py
        api/settings.py api/errors.py compliance/law.py qdrant/store.py ingest/photos/photo_parts.py
    """,
    _DRAWN: """
        demo/scenes/bridges.py demo/scenes/childhood.py demo/scenes/city.py demo/scenes/coast.py
        demo/scenes/football.py demo/scenes/ink.py demo/scenes/land.py demo/scenes/light.py demo/scenes/meadows.py
        demo/scenes/mountains.py demo/scenes/nights.py demo/scenes/park.py demo/scenes/plants.py demo/scenes/rain.py
        demo/scenes/sky.py demo/scenes/table.py demo/scenes/terrain.py demo/scenes/view.py demo/scenes/water.py
        demo/scenes/window.py demo/scenes/woods.py
    """,
    "tests/topic_model/ranking/test_fit_odds_line.py": "topic_model/ranking/odds_line.py",
    "tests/api/search/test_ranking.py": "topic_model/ranking/odds.py",
    "tests/vision/notes/test_notes.py": """
        vision/notes/exif.py vision/notes/iptc.py vision/notes/text.py vision/notes/xmp.py
    """,
    "tests/vision/text/test_text_encoder.py": "vision/text/text_spec.py",
    "tests/common/test_album.py": "common/bits.py common/numpy_bits.py",
    "tests/qdrant/owner/test_engine.py": """
        qdrant/owner/answers.py qdrant/owner/open_engine.py qdrant/owner/doorkeeper.py qdrant/owner/plain.py
    """,
    "tests/demo/test_world.py": "demo/broken.py demo/plan.py demo/tries.py",
    "tests/demo/test_captions.py": "demo/grammar.py",
    "tests/demo/test_run.py": "demo/checks.py demo/command.py",
    _ROUTES: """
        api/app.py api/requests.py api/responses.py api/search/explain.py api/search/notice.py
        api/search/ordered.py api/search/page.py api/search/query.py api/search/question.py api/search/service.py
    """,
    "tests/api/stories/test_forms.py": "api/bodies.py",
    "tests/api/routes/posts/test_lists.py": "api/post_path.py",
    "tests/api/stories/test_bulk.py": "api/bulk/taker.py api/routes/posts/bulk.py",
    "tests/api/stories/test_two_languages.py": "api/search/understood.py",
    "tests/photosense/commands/test_explain.py": "compliance/records/life.py",
    "tests/api/test_answers.py": "api/examples.py",
    "tests/api/routes/test_photos.py": "api/photo_addresses.py",
    "tests/api/access/test_sessions.py": "api/routes/session.py",
    "tests/api/access/test_visitor_tokens.py": "api/routes/tokens.py",
    "tests/api/idempotency/test_repeats.py": "api/idempotency/answer_book.py",
    "tests/api/tasks/test_task_book.py": "api/notebook.py api/tasks/task.py",
    "tests/api/tasks/test_courier.py": "api/tasks/outbox.py api/tasks/webhook.py",
    "tests/api/tasks/test_task_routes.py": "api/tasks/home_tasks.py api/tasks/model_routes.py",
    "tests/photosense/stories/test_tasks.py": """
        photosense/work/process.py photosense/work/launch.py photosense/work/task_settings.py
        photosense/work/rejudge_work.py photosense/work/import_work.py photosense/work/training_work.py
        photosense/work/comparison_work.py
    """,
    "tests/photosense/service/test_background_check.py": """
        photosense/soundness/mapped.py photosense/soundness/note.py photosense/soundness/rest.py
        api/telemetry/damage.py
    """,
    "tests/photosense/export/test_move.py": "photosense/commands/upkeep/move.py",
    "tests/photosense/export/test_upgrade.py": "photosense/commands/upkeep/upgrade.py qdrant/edge/former.py",
    "tests/training/match/test_comparison.py": "training/untaught.py",
    "tests/photosense/commands/test_store.py": "photosense/backup/make_backup.py",
    "tests/api/stories/test_fence.py": "api/access/fence.py",
    "tests/api/stories/test_compliance_routes.py": "api/routes/document.py",
    "tests/compliance/test_precedence.py": "compliance/consent.py",
    "tests/compliance/test_policy.py": "compliance/yamlfile.py",
    "tests/compliance/lexicon/test_lexicon.py": """
        compliance/lexicon/dictionary.py compliance/lexicon/disguise.py compliance/lexicon/line.py
        compliance/lexicon/phrases.py compliance/lexicon/spelled_apart.py compliance/lexicon/terms.py
        compliance/lexicon/translit.py compliance/lexicon/unknown_word.py
    """,
    "tests/compliance/stories/test_left_alone.py": "compliance/lexicon/exemption.py",
    "tests/compliance/lexicon/test_folding.py": "compliance/lexicon/lookalike.py",
    "tests/compliance/photo/test_detector.py": "compliance/photo/train.py",
    "tests/compliance/photo/test_caption_words.py": "compliance/photo/train_caption_words.py",
    "tests/compliance/photo/test_evidence_weights.py": "compliance/photo/train_evidence.py",
    "tests/ingest/bulk/test_run.py": "ingest/bulk/report.py",
    "tests/ingest/stories/test_resuming.py": """
        ingest/bulk/dead_letters.py ingest/bulk/journal.py ingest/reading/reader.py ingest/reading/reader_pool.py
    """,
    "tests/photosense/commands/test_ingest.py": "ingest/bulk/check.py photosense/commands/ads.py",
    "tests/ingest/test_pipeline.py": """
        ingest/storage/keeper.py ingest/storage/point_writer.py ingest/storage/new_point.py ingest/storage/appearance.py
        ingest/intake.py ingest/standing.py ingest/sparse_words.py ingest/vectors.py
    """,
    "tests/ingest/stories/test_formats.py": """
        ingest/sources/folder.py ingest/sources/ndjson.py ingest/sources/open_source.py ingest/sources/parquet.py
        ingest/sources/stream_source.py ingest/sources/with_sense.py
    """,
    "tests/ingest/stories/test_cleaning.py": """
        ingest/steps/advertisement.py ingest/steps/consent_record.py ingest/steps/duplicate_photo.py
        ingest/steps/duplicate_text.py ingest/steps/empty.py ingest/steps/few_words.py ingest/steps/hashtag_wall.py
        ingest/steps/language.py
    """,
    "tests/training/test_advertisements.py": "ingest/steps/ads_model.py ingest/steps/ads_signs.py",
    "tests/api/routes/test_review.py": "moderation/desk.py moderation/review_queue.py",
    "tests/api/stories/test_life_of_a_post.py": "ingest/remains.py ingest/steps/held_copies.py",
    "tests/photosense/test_house.py": "moderation/returns.py",
    "tests/photosense/test_cli.py": """
        photosense/commands/topics.py photosense/progress.py photosense/terminal.py photosense/sentence.py
    """,
    "tests/photosense/commands/test_compliance.py": """
        photosense/remarks/unseen_photos.py photosense/pages/curve.py training/detector_examples.py
    """,
    "tests/photosense/service/test_home_status.py": "api/routes/home.py",
    "tests/photosense/commands/test_evidence.py": "photosense/pages/evidence.py photosense/pages/evidence_pack.py",
    "tests/photosense/commands/upkeep/test_doctor.py": """
        photosense/doctor/diagnosis.py photosense/doctor/parts.py photosense/doctor/place.py photosense/doctor/reach.py
    """,
    "tests/photosense/commands/upkeep/test_export.py": """
        photosense/export/export_reader.py photosense/export/lines.py photosense/export/export_writer.py
        photosense/export/post_line.py
    """,
    "tests/photosense/commands/upkeep/test_verify.py": """
        photosense/soundness/home.py photosense/soundness/law.py photosense/soundness/learned.py
        photosense/soundness/points.py photosense/soundness/store.py photosense/soundness/verdict.py
    """,
    "tests/photosense/commands/test_match.py": "photosense/pages/match.py",
    "tests/photosense/commands/test_evaluate.py": """
        photosense/evaluation/evaluate.py photosense/evaluation/temporary_index.py photosense/evaluation/terminal.py
    """,
    "tests/photosense/evaluation/test_run_file.py": "photosense/evaluation/compare_runs.py",
    "tests/photosense/evaluation/test_page.py": """
        photosense/evaluation/page_examples.py photosense/evaluation/page_figures.py
    """,
    "tests/photosense/evaluation/test_tasks.py": """
        photosense/evaluation/corpus.py photosense/evaluation/short_questions.py
        topic_model/match/alike.py
    """,
    "tests/photosense/evaluation/test_visitor.py": "photosense/evaluation/examples.py",
    "tests/photosense/pages/test_topics.py": """
        photosense/pages/topics_card.py photosense/pages/topics_map.py photosense/pages/typical_posts.py
    """,
    "tests/photosense/test_settings.py": "photosense/layers.py",
    "tests/training/test_topics.py": "training/publish.py",
    "tests/api/telemetry/test_metrics.py": "api/routes/metrics.py",
    "tests/photosense/service/test_workers.py": "photosense/service/logs.py",
    _CONTRACT: """
        qdrant/edge/engine.py qdrant/engine/fusion.py qdrant/engine/guard.py
        qdrant/engine/pack.py qdrant/engine/search.py qdrant/engine/store.py qdrant/engine/translate.py
        qdrant/points.py
    """,
    "tests/qdrant/stories/test_contract_counting.py": "qdrant/steps.py",
    "tests/qdrant/stories/test_contract_sorting.py": "qdrant/engine/order.py",
    "tests/qdrant/stories/test_contract_writing.py": "qdrant/engine/checks.py qdrant/engine/write_plan.py",
    "tests/qdrant/stories/test_contract_filters.py": "qdrant/attrs.py qdrant/filters.py",
    "tests/qdrant/test_grammar.py": "qdrant/engine/examples.py",
    "tests/qdrant/edge/test_folder.py": "qdrant/edge/files.py",
    "tests/qdrant/server/test_engine.py": "qdrant/server/refusals.py",
    "tests/topic_model/test_model.py": "topic_model/artifact.py",
    "tests/topic_model/test_quality.py": "topic_model/coherence.py",
    "tests/topic_model/training/test_modality.py": """
        topic_model/kernels/inference.py topic_model/kernels/compiled.py topic_model/kernels/plain.py
    """,
    "tests/topic_model/match/test_trials.py": "topic_model/match/learners.py",
    "tests/topic_model/ranking/test_likelihood.py": "topic_model/ranking/weights.py",
    "tests/topic_model/training/test_bigartm.py": "topic_model/training/bigartm_worker.py",
    "tests/topic_model/training/test_train.py": """
        topic_model/corpus.py topic_model/training/checkpoint.py topic_model/training/recipe.py
        topic_model/training/regularisers.py topic_model/vocabulary.py
    """,
    "tests/photosense/commands/test_encoder.py": "training/encoder_examples.py",
    "tests/training/match/test_judged_posts.py": "training/match/learn.py training/match/pairs.py",
    "tests/vision/test_make_encoder.py": "vision/combined_encoder.py vision/networks/network_encoder.py",
    "tests/vision/decoding/test_pool.py": """
        vision/decoding/alarm.py vision/decoding/process.py vision/decoding/worker.py vision/look.py
    """,
    "tests/vision/dual/test_dual_encoder.py": "vision/dual/dual_spec.py",
    "tests/ingest/photos/test_rendition_folder.py": "ingest/photos/rendition_shelf.py",
    "tests/vision/fitting/test_fitted_encoder.py": "vision/fitting/artifact.py vision/fitting/fit.py",
    "tests/vision/evidence/test_make_evidence.py": """
        vision/evidence/evidence.py vision/evidence/evidence_spec.py vision/evidence/further_features.py
    """,
    "tests/vision/evidence/test_objects.py": "vision/evidence/boxes.py",
    "tests/vision/networks/test_keras.py": "vision/networks/export.py",
    "tests/vision/networks/test_onnx_graph.py": "vision/networks/protobuf.py",
    "tests/vision/networks/test_open_network.py": """
        vision/networks/onnx.py vision/networks/onnx_file.py vision/networks/openvino.py vision/networks/spec.py
    """,
    "tests/vision/patches/test_patches.py": """
        vision/patches/light.py vision/patches/palette.py vision/patches/texture.py
    """,
    "tests/vision/words/test_weights.py": "vision/words/kinds.py",
}

ELSEWHERE = {module: instead for instead, modules in INSTEAD.items() for module in modules.split()}
